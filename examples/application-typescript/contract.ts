// What an application reads of the contract of a mariadb-ha stack (docs/contract.schema.json has all of it).
import * as pulumi from "@pulumi/pulumi";

export interface Endpoint {
    host: string;
    port: number;
}

export interface Account {
    username: string;
    password: string;
}

/** How a pool must be set to outlast the stack's failovers; seconds. */
export interface ClientOptions {
    connect_timeout_s: number;
    read_timeout_s: number;
    retry_for_s: number;
    retry_pause_s: number;
    pool_recycle_s: number;
    pool_pre_ping: boolean;
}

export interface Connection {
    writer: pulumi.Output<Endpoint>;
    /** A secret of Pulumi. */
    account: pulumi.Output<Account>;
    options: pulumi.Output<ClientOptions>;
    /** `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, user and password percent-encoded; a secret of Pulumi. */
    url: pulumi.Output<string>;
}

type Databases = Record<string, { name: string; accounts: Record<string, Account> }>;

function output<T>(stack: pulumi.StackReference, name: string): pulumi.Output<T> {
    return stack.requireOutput(name).apply((value): T => value);
}

/** One account of one database of a stack; fails where the stack has no such output, database or account. */
export function connect(stack: pulumi.StackReference, database: string, account: string): Connection {
    const writer = output<Endpoint>(stack, "writer");
    const found = pulumi
        .all([output<number>(stack, "contract_version"), output<Databases>(stack, "databases")])
        .apply(([version, databases]) => {
            if (!(version >= 1)) {
                throw new pulumi.RunError(`contract_version is ${version}; this application needs 1 or later`);
            }
            const name = databases[database]?.name;
            const found = databases[database]?.accounts[account];
            if (name === undefined || found === undefined) {
                throw new pulumi.RunError(`the database stack has no account ${account} of a database ${database}`);
            }
            return { name, username: found.username, password: found.password };
        });
    const url = pulumi.all([found, writer]).apply(([{ name, username, password }, { host, port }]) => {
        // A password may hold what a URL reads otherwise: @, :, /, %.
        return `mysql://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
    });
    return {
        writer,
        account: pulumi.secret(found.apply(({ username, password }) => ({ username, password }))),
        options: output<ClientOptions>(stack, "client_options"),
        url: pulumi.secret(url),
    };
}

// An application stack: endpoint and account come from a mariadb-ha stack; the password stays a secret.
import * as pulumi from "@pulumi/pulumi";
import { connect } from "./contract";

const stack = new pulumi.StackReference(new pulumi.Config().require("databaseStack"));
const database = connect(stack, "app", "app");

export const writer = database.writer;
export const account = database.account;
export const database_url = database.url;
export const database_options = database.options;

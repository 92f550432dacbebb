"""Options of MariaDB and of Galera's provider: what the stack sets itself is known as such, and the user's join it."""

from __future__ import annotations

import configparser

import pytest

from plan import make_plan
from plan.context import Context
from plan.model import HostPlan
from plan.parts.server import SERVER_CNF
from plan.roles.galera import WSREP_CNF, provider_options
from plan.secrets import Secrets
from settings import load_stack
from settings.kinds.drbd.model import Drbd
from settings.kinds.galera.model import Galera
from settings.kinds.galera.provider_options import OWNED
from settings.kinds.master_master.model import MasterMaster
from settings.kinds.replicas.model import Replicas
from settings.parts.server import ServerSection
from settings.parts.server_options import option_lines, plain_name
from tests.conftest import TEST_SECRET, make_arbitrated, make_context, make_pair, stack_config


def of_stack(name: str, section: str = "", **more: object) -> Context:
    """A stack of the tree, with keys of a section changed."""
    config = stack_config(name) | {"mariadb-ha:stack_secret": TEST_SECRET}
    config["mariadb-ha:bare_metal"] = {"trust_on_first_use": True}
    if name == "drbd":
        del config["mariadb-ha:bare_metal"]
    if section:
        config[f"mariadb-ha:{section}"] = {**config[f"mariadb-ha:{section}"], **more}
    return Context(stack=name, settings=load_stack(config), secrets=Secrets(stack=name, stack_secret=TEST_SECRET))


def options(host: HostPlan) -> dict[str, str]:
    """Every option in the server's files."""
    found: dict[str, str] = {}
    for file in host.files:
        if file.path.startswith("/etc/mysql/mariadb.conf.d/"):
            parser = configparser.RawConfigParser(strict=True, allow_no_value=True)
            parser.read_string(file.content)
            found.update(parser["mariadbd"])
    return found


@pytest.mark.parametrize(
    ("context", "host", "kind"),
    [
        (make_context({"galera": {"reference_node": "mdb1"}}), "mdb2", Galera),
        (make_pair(), "db1", MasterMaster),
        (make_pair({"master_master": {"semi_sync": {"without_peer": "block"}}}), "db2", MasterMaster),
        (of_stack("read-balancing"), "r1", Replicas),
        (of_stack("drbd"), "nod1", Drbd),
        (make_arbitrated(), "mdb1", Galera),
    ],
)
def test_the_table_of_owned_options_is_complete(context: Context, host: str, kind: type[ServerSection]) -> None:
    """An option that a template sets and the table does not know could be given twice, and the last would win."""
    known = {plain_name(option) for option in kind.owned_options}
    unknown = {option for option in options(make_plan(context).hosts[host]) if plain_name(option) not in known}
    assert not unknown
    for setting in filter(None, kind.owned_options.values()):
        assert setting in kind.model_fields, f"{kind.__name__}: the message would name {setting}, which is no setting"


def test_the_table_of_owned_provider_options_is_complete() -> None:
    settings = make_context().settings
    section = settings.components["galera"]
    assert isinstance(section, Galera)
    line = provider_options(section, settings.timers.evs, gcache_mib=128)
    assert {entry.split("=")[0] for entry in line.split("; ")} == set(OWNED)


def test_they_join_the_stacks_own() -> None:
    given = {"Slow-Query-Log": True, "sql_mode": "ANSI # not strict", "long_query_time": 0.5, "table_open_cache": 4000}
    provider = {"gcs.fc_limit": 64, "socket.checksum": 2, "cert.log_conflicts": True}
    context = make_context({"galera": {"server_options": given, "wsrep_provider_options": provider}})
    found = options(make_plan(context).hosts["mdb2"])
    assert found["slow_query_log"] == "ON"
    assert found["sql_mode"] == '"ANSI # not strict"', "a # begins no comment"
    assert found["long_query_time"] == "0.5"
    assert found["table_open_cache"] == "4000"
    line = found["wsrep_provider_options"].strip('"')
    assert line.endswith("; cert.log_conflicts=yes; gcs.fc_limit=64; socket.checksum=2")
    assert line.startswith("gcache.size=320M; ")


def test_a_change_is_rolled_and_touches_nothing_else() -> None:
    before = make_plan(make_context()).hosts["mdb2"]
    after = make_plan(make_context({"galera": {"wsrep_provider_options": {"gcs.fc_limit": 64}}})).hosts["mdb2"]
    changed = [file for file in after.files if file not in before.files]
    assert [file.path for file in changed] == [WSREP_CNF]
    assert changed[0].step
    assert changed[0].check == "mariadbd"


def test_quotes_in_a_value_do_not_end_it() -> None:
    assert option_lines({"init_connect": 'SET @a="b\\c"'}) == ['init_connect = "SET @a=\\"b\\\\c\\""']


@pytest.mark.parametrize(
    ("pair", "value"),
    [({}, "3"), ({"semi_sync": {"enabled": False}}, "1"), ({"innodb_flush_log_at_trx_commit": 2}, "2")],
)
def test_what_a_crash_rolls_back_was_acknowledged_to_nobody(pair: dict[str, object], value: str) -> None:
    """init_rpl_role = SLAVE rolls back what InnoDB has not committed on disk, and 1 is not that with a binary log."""
    found = options(make_plan(make_pair({"master_master": pair})).hosts["db1"])
    assert found["innodb_flush_log_at_trx_commit"] == value
    assert ("init_rpl_role" in found) == (value != "1")


@pytest.mark.parametrize(
    ("stack", "section", "host"),
    [
        ("drbd", "drbd", "nod1"),
        ("read-balancing", "replicas", "r1"),
        ("read-balancing", "master_master", "db1"),
        ("galera-arbitrator", "galera", "mdb1"),
    ],
)
def test_every_kind_with_a_server_takes_them_and_rolls_them(stack: str, section: str, host: str) -> None:
    def made(given: dict[str, object]) -> HostPlan:
        return make_plan(of_stack(stack, section, server_options=given)).hosts[host]

    before, after = made({}), made({"slow_query_log": True})
    changed = [file for file in after.files if file not in before.files]
    assert [file.path for file in changed] == [SERVER_CNF]
    assert "slow_query_log = ON" in changed[0].content.splitlines()
    assert (bool(changed[0].step), changed[0].check) == (True, "mariadbd"), "judged first, then one after the other"

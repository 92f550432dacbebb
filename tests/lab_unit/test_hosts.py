"""Servers that Pulumi did not create: what `lab/hosts` refuses, and what a host's first boot carries."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import yaml

from deploy.clients import COUNT
from tests.conftest import make_context
from tests.lab_unit.conftest import Done, bash

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEJekd39zQjgRzAHGzONMB2+WtaXgE/U1MlX0O9RJHeG"
NOT_THERE = {"LAB_NAME": "nobody"}
SOURCE = ". lab/lib.sh; . lab/hosts.sh; "


def hosts(*words: str) -> Done:
    return bash("lab/hosts " + " ".join(f"'{word}'" for word in words), env=NOT_THERE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Usage: lab/hosts up"),
        (("sideways",), 'unknown command "sideways"'),
        (("up", "--authorized-key", KEY), "no host given"),
        (("up", "ha1=172.16.21.201"), "--authorized-key is missing"),
        (("up", "--authorized-key", "ssh-ed25519 AAAA", "ha1=172.16.21.201"), "is no SSH public key"),
        (("up", "--authorized-key"), "is no SSH public key"),
        (("up", "--nonsense", "ha1=172.16.21.201"), 'unknown option "--nonsense"'),
        (("up", "ha1"), '"ha1" is no host'),
        (("up", "HA1=172.16.21.201"), '"HA1" in "HA1=172.16.21.201" is no host name'),
        (("up", "../x=172.16.21.201"), "is no host name"),
        (("up", "ha1=172.16.22.201"), 'ha1: "172.16.22.201" is no address for a host'),
        (("up", "ha1=172.16.21.1"), "172.16.21.1 is its gateway"),
        (("up", "ha1=172.16.21.255"), "is no address for a host"),
        (("up", "ha1=172.16.21.015"), "is no address for a host"),
        (("up", "ha1=172.16.21.12"), "172.16.21.12 is kept for clients"),
        (("up", "ha1=172.16.21.201:12"), 'ha1: "12" is no size of memory in MiB'),
        (("up", "ha1=172.16.21.201:1G"), "is no size of memory"),
        (("up", "ha1=172.16.21.201:512:raw"), 'ha1: "raw" says nothing of a host'),
        (("up", "ha1=172.16.21.201:512:baked:more"), 'ha1: "more" says nothing of a host'),
        (("up", "ha1=172.16.21.201:512:1024"), 'ha1: "512" and "1024" are two sizes of memory'),
        (("up", "ha1=172.16.21.201:baked:unbaked"), 'ha1: "baked" and "unbaked" are both given'),
        (("up", "ha1=172.16.21.201:container:vm"), 'ha1: "container" and "vm" are both given'),
        (("up", "ha1=172.16.21.201:container:data=2"), 'ha1: "data=2" is no size of a file system'),
        (("up", "ha1=172.16.21.201:container:data=0G"), 'ha1: "data=0G" is no size of a file system'),
        (("up", "ha1=172.16.21.201:container:data="), 'ha1: "data=" is no size of a file system'),
        (("up", "ha1=172.16.21.201:data=2G"), 'ha1: "data=2G" is for containers'),
        (("up", "ha1=172.16.21.201:data=2G:data=3G"), 'ha1: "data=2G" and "data=3G" are both given'),
        (
            ("up", "a-very-long-name=172.16.21.201:container"),
            "the name is too long for a container host's network link",
        ),
        (("up", "--authorized-key", KEY, "ha1=172.16.21.201", "ha1=172.16.21.202"), "ha1 is given twice"),
        (("up", "--authorized-key", KEY, "ha1=172.16.21.201", "ha2=172.16.21.201:512"), "172.16.21.201 is given twice"),
        (("key",), "key needs one name"),
        (("key", "ha1"), 'lab "nobody" has no host ha1'),
        (("add-client-addresses",), 'lab "nobody" is not running'),
    ],
)
def test_wrong_use_is_answered_in_words(words: tuple[str, ...], said: str) -> None:
    done = hosts(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_made_by_a_refused_command(tmp_path: Path) -> None:
    """The first host of a list is not made when the last one is wrong."""
    hosts("up", "--authorized-key", KEY, "ha1=172.16.21.201", "ha2=nowhere")
    assert bash('. lab/lib.sh; ls -d "$LAB_STATE" "$LAB_RUN" "/run/netns/$LAB_ID"', env=NOT_THERE).stdout == ""


def test_a_lab_without_hosts_has_nothing_to_take_down() -> None:
    done = hosts("down")
    assert done.returncode == 0
    assert "nothing to do" in done.stderr
    assert bash("lab/status", env=NOT_THERE).returncode == 3, "it starts no lab either"


@pytest.mark.parametrize(
    ("word", "parsed"),
    [
        ("ha1=172.16.21.201", "ha1 172.16.21.201 1024 baked vm -"),
        ("ha1=172.16.21.201:512", "ha1 172.16.21.201 512 baked vm -"),
        ("db-1=172.16.21.2:2048:unbaked", "db-1 172.16.21.2 2048 unbaked vm -"),
        ("ha1=172.16.21.201:unbaked", "ha1 172.16.21.201 1024 unbaked vm -"),
        ("ha1=172.16.21.201:container", "ha1 172.16.21.201 1024 baked container -"),
        ("ha1=172.16.21.201:container:unbaked:512", "ha1 172.16.21.201 512 unbaked container -"),
        ("ha1=172.16.21.201:data=2G:container", "ha1 172.16.21.201 1024 baked container 2G"),
    ],
)
def test_what_is_left_out_has_a_default(word: str, parsed: str) -> None:
    done = bash(f"{SOURCE} hosts_parse {word}")
    assert done.stdout.strip() == parsed, done.stderr


def test_the_keys_comment_does_not_reach_the_seed() -> None:
    """Whatever a comment holds, the seed stays YAML."""
    done = bash(f"""{SOURCE} hosts_key_line '{KEY} me"]: "[at] desk'""")
    assert done.stdout.strip() == KEY, done.stderr


def test_the_first_boot_brings_a_login_and_nothing_of_mariadb_ha() -> None:
    text = bash(f"{SOURCE} hosts_user_data mdb1 '{KEY}'").stdout
    assert text.startswith("#cloud-config\n")
    assert "mariadb" not in text
    document = yaml.safe_load(text)
    (user,) = document["users"]
    assert (user["name"], user["sudo"], user["lock_passwd"]) == ("admin", "ALL=(ALL) NOPASSWD:ALL", True)
    assert user["ssh_authorized_keys"] == [KEY]
    assert document["hostname"] == "mdb1"
    assert "ssh_keys" not in document, "a server makes its own host key"
    assert document["ssh_genkeytypes"] == ["ed25519"], "the image's own list is empty"
    assert document["write_files"] == [{"path": "/etc/hosts", "content": "127.0.0.1 localhost\n127.0.1.1 mdb1\n"}], (
        "sudo looks its host's name up"
    )


def test_the_first_boot_uses_only_modules_that_the_image_runs() -> None:
    document = yaml.safe_load(bash(f"{SOURCE} hosts_user_data mdb1 '{KEY}'").stdout)
    runs = bash("cat lab/guest/overlay/etc/cloud/cloud.cfg.d/90-lab.cfg").stdout
    modules = {
        "bootcmd": "bootcmd",
        "write_files": "write-files",
        "hostname": "set_hostname",
        "users": "users-groups",
        "ssh_genkeytypes": "ssh",
    }
    for key, module in modules.items():
        assert key in document
        assert f"  - {module}\n" in runs


def test_a_host_has_the_address_and_the_card_that_its_seed_names() -> None:
    network = yaml.safe_load(bash(f"{SOURCE} hosts_network_config mdb1 172.16.21.180").stdout)
    eth0 = network["ethernets"]["eth0"]
    assert (network["version"], eth0["addresses"], eth0["routes"]) == (
        2,
        ["172.16.21.180/24"],
        [{"to": "0.0.0.0/0", "via": "172.16.21.1"}],
    )
    domain = ET.fromstring(bash(f"{SOURCE} hosts_domain_xml mdb1 512 /place qemu").stdout)  # noqa: S314 - our own text
    card = domain.find("devices/interface/mac")
    assert card is not None
    assert card.get("address") == eth0["match"]["macaddress"]


@pytest.mark.parametrize(("kind", "cpu", "vcpus"), [("qemu", "maximum", "2"), ("kvm", "host-passthrough", "1")])
def test_a_host_is_a_guest_of_a_stack_without_a_data_disk(kind: str, cpu: str, vcpus: str) -> None:
    domain = ET.fromstring(bash(f"{SOURCE} hosts_domain_xml mdb1 512 /place {kind}", env={"LAB_NAME": "metal"}).stdout)  # noqa: S314
    assert (domain.get("type"), domain.findtext("name"), domain.findtext("memory")) == (kind, "metal-mdb1", "512")
    mode = domain.find("cpu")
    assert mode is not None
    assert mode.get("mode") == cpu
    assert domain.findtext("vcpu") == vcpus
    assert [disk.get("device") for disk in domain.findall("devices/disk")] == ["disk", "cdrom"]
    assert {source.get("file") for source in domain.findall("devices/disk/source")} == {
        "/place/root.qcow2",
        "/place/seed.iso",
    }


def test_hosts_of_two_labs_have_different_cards() -> None:
    macs = {
        bash(f"{SOURCE} hosts_mac {name}", env={"LAB_NAME": lab}).stdout.strip()
        for name in ("mdb1", "mdb2")
        for lab in ("one", "two")
    }
    assert len(macs) == 4
    assert all(mac.startswith("52:54:00:") and len(mac) == 17 for mac in macs)


def test_the_network_neither_hands_out_addresses_nor_names() -> None:
    network = ET.fromstring(bash(f"{SOURCE} hosts_network_xml", env={"LAB_NAME": "metal"}).stdout)  # noqa: S314
    forward, dns, ip = network.find("forward"), network.find("dns"), network.find("ip")
    assert forward is not None
    assert dns is not None
    assert ip is not None
    assert (network.findtext("name"), forward.get("mode"), dns.get("enable")) == ("metal", "open", "no")
    assert (ip.get("address"), ip.get("prefix")) == ("172.16.21.1", "24")
    assert ip.find("dhcp") is None


def test_clients_are_as_many_as_a_stacks_and_in_no_ones_way() -> None:
    clients = bash(f'{SOURCE} echo "$HOSTS_CLIENTS"').stdout.split()
    context = make_context()
    assert len(set(clients)) == len(clients) == COUNT
    assert not set(clients) & ({str(entry.address) for entry in context.settings.hosts.values()} | set(context.vips))
    assert all(IPv4Address(address) in context.settings.network.cidr for address in clients)

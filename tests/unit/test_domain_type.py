"""The domain type is a setting and all that a user changes between KVM and emulation; `lab/domain-type` says what
works.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.graph.test_graph import graph

ROOT = Path(__file__).resolve().parents[2]


def test_kvm_differs_in_type_and_processors_only() -> None:
    kvm, qemu = graph({"hypervisor": {"domain_type": "kvm"}})[0], graph({"hypervisor": {"domain_type": "qemu"}})[0]
    kvm, qemu = (
        {name: entry for name, entry in each.items() if entry.type != "pulumi:pulumi:Stack"} for each in (kvm, qemu)
    )
    assert set(kvm) == set(qemu)
    for name in kvm:
        differing = {key for key in kvm[name].inputs if kvm[name].inputs[key] != qemu[name].inputs.get(key)}
        assert differing == ({"type", "cpu", "vcpu"} if name.endswith("-domain") else set()), name
    assert kvm["dev-ha1-domain"].inputs["type"] == "kvm"
    assert kvm["dev-ha1-domain"].inputs["cpu"] == {"mode": "host-passthrough"}
    assert qemu["dev-ha1-domain"].inputs["cpu"] == {"mode": "maximum"}
    assert (kvm["dev-ha1-domain"].inputs["vcpu"], qemu["dev-ha1-domain"].inputs["vcpu"]) == (1, 2), (
        "one is not safe under emulation"
    )


def test_more_virtual_cpus_are_kept_under_emulation() -> None:
    made = graph({"hypervisor": {"domain_type": "qemu"}, "hosts": {"ha1": {"address": "172.16.21.201", "vcpus": 4}}})[0]
    assert made["dev-ha1-domain"].inputs["vcpu"] == 4


def test_kvm_is_the_default() -> None:
    assert graph({"hypervisor": {"protect_data_volumes": True}})[0]["dev-ha1-domain"].inputs["type"] == "kvm"


def test_the_probe_gives_one_of_two_words() -> None:
    found = subprocess.run(["lab/domain-type"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    assert found in {"kvm", "qemu"}

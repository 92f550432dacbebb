"""A host of a web pair: nginx, the look at it that keepalived tracks, the VIP, and the agent that both ask."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.parts import vrrp
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.parts.certificate import pem, self_signed
from plan.parts.opening import admitted_from
from plan.programs import program_files, program_path
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.kinds.web.model import Web
from settings.kinds.web.page import page_text

#: The set of files that `web-up` delivers before it reloads nginx and keepalived.
STEP = "web"
NGINX_UNIT = "nginx.service"
#: The Unix account of the agent: nginx's workers have it too.
USER = "www-data"
ROOT = "/usr/local/share/mariadb-ha/web"


def certificate_path(name: str) -> str:
    """Certificates and key in one file, so that no reload finds a pair that does not belong together."""
    return f"/etc/nginx/mariadb-ha-tls/{name}.pem"


def upstream_servers(context: Context, web: Web) -> tuple[str, ...]:
    """The upstream's servers by address: nginx must not depend on names at its start."""
    extra = {name: str(address) for name, address in context.settings.network.extra_hosts.items()}
    found = []
    for text in web.upstream:
        host, _, port = text.partition(":")
        address = context.address(host) if host in context.settings.hosts else extra.get(host, host)
        found.append(f"{address}:{port}")
    return tuple(found)


def web_role(context: Context, name: str, host: str, web: Web) -> Role:
    """nginx's files and keepalived's, both brought into force by `web-up`, one host after the other."""
    hosts = vrrp.holders(context, web)
    peer = next((each for each in hosts if each != host), None)
    vips = (str(web.vip),)
    check = f"{name}_nginx"
    return Role(
        name="web",
        packages=(*vrrp.PACKAGES, "nginx"),
        files=(
            *vrrp.vrrp_files(context, name, host, web, vips=vips, step=STEP, checks=(check,)),
            vrrp.unit_dropin(name, wants=(NGINX_UNIT,)),
            *with_checks(program_files("web"), step=STEP),
            *agent_files(step=STEP, port=web.agent_port, user=USER),
            *_nginx(context, name, web, host),
            *_certificate(context, name, web),
            File(
                path=f"/etc/keepalived/conf.d/40-check-{name}.conf",
                content=render(
                    "web/check.conf.j2",
                    check=check,
                    program=program_path("web-check"),
                    interval=web.check_interval,
                ),
                check="keepalived",
                step=STEP,
            ),
            File(
                path="/etc/mariadb-ha/web.env",
                content=env_file(
                    {
                        "HOST": host,
                        "PORT": web.port,
                        "TLS_PORT": web.tls.port if web.tls else "",
                        "VIP": web.vip,
                        "PEER": peer or "",
                        "PEER_ADDRESS": context.address(peer) if peer else "",
                        "TAKES_BACK": "yes" if web.preempt and host == hosts[0] else "no",
                        "CHECK_INTERVAL": seconds(web.check_interval),
                    }
                ),
                on_change=(f"restart {AGENT_UNIT}",),
                # with nginx's own files: a look by a new port at an nginx that has the old one would find it dead
                step=STEP,
            ),
            File(
                path=f"/etc/nftables.d/input-{name}.nft",
                content=render(
                    "web/web.nft.j2",
                    ports=[web.port, *([web.tls.port] if web.tls else [])],
                    clients=admitted_from(web.client_cidrs),
                    peer=context.address(peer) if peer else "",
                    agent_port=web.agent_port,
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
        ),
        units=(NGINX_UNIT, vrrp.UNIT, AGENT_UNIT),
        needs=Needs(what="web host", ports=web.ports(name)[host], keepalived=True),
    )


def _nginx(context: Context, name: str, web: Web, host: str) -> tuple[File, ...]:
    values = {"name": name, "web": web, "host": host, "root": f"{ROOT}/{name}"}
    return (
        File(path="/etc/nginx/nginx.conf", content=render("web/nginx.conf.j2"), check="nginx", step=STEP),
        File(
            path=f"/etc/nginx/mariadb-ha/{name}.conf",
            content=render(
                "web/site.conf.j2",
                **values,
                upstream=upstream_servers(context, web),
                certificate=certificate_path(name) if web.tls else "",
            ),
            check="nginx",
            step=STEP,
        ),
        *((File(path=f"{ROOT}/{name}/index.html", content=page_text(web), step=STEP),) if not web.upstream else ()),
    )


def _certificate(context: Context, name: str, web: Web) -> tuple[File, ...]:
    if web.tls is None:
        return ()
    if web.tls.certificate is not None and web.tls.private_key is not None:
        text = f"{web.tls.certificate.strip()}\n{web.tls.private_key.get_secret_value().strip()}\n"
    else:
        key = context.secrets.ec_key("web-tls-key", name)
        title = f"{context.stack} {name}"
        text = self_signed(key, title=title, addresses=(str(web.vip),), names=web.tls.server_names) + pem(key)
    reload = (f"try-reload-or-restart {NGINX_UNIT}",)
    return (File(path=certificate_path(name), content=text, mode="0600", secret=True, on_change=reload),)

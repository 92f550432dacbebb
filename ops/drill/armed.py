"""A repair that a host carries out by itself after a time, whatever becomes of `hactl`: a transient timer of systemd
(systemd-run(1)), under one name, for a host has one fault at a time. It ends with the host's power, and so does what it
repairs."""

from __future__ import annotations

UNIT = "mariadb-ha-drill-undo"
#: The repair itself, in memory as the timer is.
FILE = f"/run/{UNIT}.sh"
MARK = "HACTL_DRILL_UNDO"


def arm_script(undo: str, seconds: float) -> str:
    """Bash that has a host run `undo` after so many seconds. Another drill's repair that is still to come is carried
    out first: what that drill left is mended, and never forgotten. Fails where nothing is armed."""
    return f"""set -e
if systemctl is-active --quiet {UNIT}.timer; then
    systemctl start {UNIT}.service || {{ echo "the repair that an earlier drill left here fails" >&2; exit 1; }}
    systemctl stop {UNIT}.timer 2>/dev/null || true
fi
cat >{FILE} <<'{MARK}'
{undo}
{MARK}
systemd-run --quiet --collect --unit={UNIT} --on-active={seconds:.0f} --timer-property=AccuracySec=1s bash {FILE}
"""


def undo_script(undo: str) -> str:
    """Bash that runs `undo` now, and takes the armed one back once that went well."""
    return f"""{undo}
code=$?
[ $code -ne 0 ] || {{ systemctl stop {UNIT}.timer 2>/dev/null || true; rm -f {FILE}; }}
exit $code
"""

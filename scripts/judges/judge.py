"""jwcrypto, libxmlsec (Python's xmlsec) and OpenSSL's command line as judges: `python3 judge.py jwcrypto|xmlsec|openssl TASKS.tsv`, for the tasks that scripts/judge-signatures.ts writes. Says of each, by tabs: its id; `valid`, `invalid` or `not-checked`; in what words."""
import io
import json
import subprocess
import sys
from pathlib import Path


def by_jwcrypto(task):
    from jwcrypto import jwa, jwk, jws

    text = Path(task["file"]).read_text("utf-8")
    token = jws.JWS()
    token.allowed_algs = list(jwa.JWA.algorithms_registry)
    token.deserialize(text)
    key = jwk.JWK.from_pem(Path(task["signer"]).read_bytes())
    bare = ".." in text if not text.startswith("{") else "payload" not in json.loads(text)
    try:
        token.verify(key, detached_payload=Path(task["content"]).read_bytes() if bare else None)
    except jws.InvalidJWSSignature as error:
        words = str(error.__cause__ or error)
        return "not-checked" if "ritical" in words or "Unsupported" in words or "not recognized" in words else "invalid", words
    return "valid", ""


def by_xmlsec(task):
    import xmlsec
    from lxml import etree

    ds = "{http://www.w3.org/2000/09/xmldsig#}"
    root = etree.parse(task["file"]).getroot()
    signature = root if root.tag == f"{ds}Signature" else root.find(f"{ds}Signature")
    # What it names elsewhere is the content; nothing else is opened.
    held = io.BytesIO(Path(task["content"]).read_bytes()) if task["content"] != "-" else io.BytesIO()
    xmlsec.cleanup_callbacks()
    xmlsec.register_callbacks(lambda uri: uri.decode().endswith(task["name"]), lambda _: held, lambda file, buffer: file.readinto(buffer), lambda _: None)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(task["signer"], xmlsec.KeyFormat.CERT_PEM)
    for element in signature.iter():
        if "Id" in element.attrib:
            context.register_id(element, "Id")
    try:
        context.verify(signature)
    except xmlsec.VerificationError as error:
        return "invalid", str(error)
    return "valid", ""


def by_openssl(task):
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", task["file"], "-CAfile", task["trusted"].split(",")[0], "-purpose", "any", "-no_check_time", "-out", "/dev/null"]
    done = subprocess.run([*command, "-content", task["content"]] if task["content"] != "-" else command, capture_output=True)
    words = " ".join(done.stderr.decode().split())
    if done.returncode == 0:
        return "valid", ""
    # Of Ed25519 and Ed448 its command line signs and checks no messages before 3.5.
    is_false = "verification failure" in words and not key_of(task).startswith("ED")
    return "invalid" if is_false else "not-checked", words[-120:]


def key_of(task):
    return subprocess.run(["openssl", "x509", "-in", task["signer"], "-noout", "-text"], capture_output=True).stdout.decode().split("Public Key Algorithm:")[1].split()[0]


KINDS = {"jwcrypto": ("jws", by_jwcrypto), "xmlsec": ("xml", by_xmlsec), "openssl": ("cms", by_openssl)}
kind, judge = KINDS[sys.argv[1]]
for line in Path(sys.argv[2]).read_text("utf-8").splitlines():
    task = dict(zip(("id", "kind", "file", "content", "name", "signer", "trusted", "list"), line.split("\t")))
    if task["kind"] != kind:
        continue
    try:
        says, words = judge(task)
    except Exception as error:  # noqa: BLE001 - tells what this judge cannot judge
        says, words = "not-checked", f"{type(error).__name__}: {error}"
    print(task["id"], says, " ".join(words.split()), sep="\t")

"""A small issuer of OpenID Connect that can be told to lie: a server on loopback that signs whatever a test wants."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import subprocess
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def text64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key, which openssl signs with (RS256)."""

    def __init__(self, folder, name: str):
        self.name = name
        self.path = folder / f"{name}.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.path, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.path, "-noout", "-modulus"], check=True, capture_output=True)
        self.modulus = bytes.fromhex(modulus.stdout.decode().strip().partition("=")[2])
        self.public = subprocess.run(["openssl", "rsa", "-in", self.path, "-pubout"], check=True, capture_output=True).stdout

    @property
    def jwk(self) -> dict:
        return {"kty": "RSA", "use": "sig", "kid": self.name, "n": text64(self.modulus), "e": "AQAB"}

    def sign(self, message: bytes) -> bytes:
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=message, check=True,
                              capture_output=True).stdout


def token(claims: dict, key: Key, header: dict | None = None, how: str = "RS256") -> str:
    head = {"alg": how, "typ": "JWT", "kid": key.name, **(header or {})}
    message = f"{text64(json.dumps(head).encode())}.{text64(json.dumps(claims).encode())}"
    match how:
        case "none": signature = b""
        # The public key taken for a shared secret: what a checker falls for that follows the token's word.
        case "HS256": signature = hmac.new(key.public, message.encode(), hashlib.sha256).digest()
        case _: signature = key.sign(message.encode())
    return f"{message}.{text64(signature)}"


class Issuer:
    client, secret = "hub", "s3cret & more"

    def __init__(self, folder):
        self.folder = folder
        self.key = Key(folder, "first")
        self.keys = [self.key]
        self.challenges: dict[str, str] = {}
        self.asked: list[str] = []
        self.delay_seconds = 0.0
        # What the token endpoint answers: status, body; by default a good token.
        self.answer = None
        self.claims: dict = {}
        self.make = lambda claims: token(claims, self.key)
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def give(self, status: int, body: bytes, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                try:
                    self.end_headers()
                    self.wfile.write(body)
                except BrokenPipeError:
                    # The hub has hung up: too slow or too much for it.
                    pass

            def do_GET(self):
                issuer.asked.append(self.path)
                if self.path == "/.well-known/openid-configuration":
                    self.give(200, json.dumps({
                        "issuer": issuer.url, "authorization_endpoint": issuer.url + "/authorize",
                        "token_endpoint": issuer.url + "/token", "jwks_uri": issuer.url + "/keys"}).encode())
                elif self.path == "/keys":
                    self.give(200, json.dumps({"keys": [key.jwk for key in issuer.keys]}).encode())
                else:
                    self.give(404, b"")

            def do_POST(self):
                issuer.asked.append(self.path)
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                time.sleep(issuer.delay_seconds)
                self.give(*issuer.exchange(form, self.headers.get("Authorization", "")))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def exchange(self, form: dict, authorization: str):
        """A code is worth one answer, to who knows the client's secret and the verifier behind the challenge."""
        encoded = ":".join(urllib.parse.quote(part, safe="") for part in (self.client, self.secret))
        if authorization != "Basic " + base64.b64encode(encoded.encode()).decode():
            return 401, b'{"error": "invalid_client"}'
        challenge = self.challenges.pop(form["code"][0], None)
        if challenge != text64(hashlib.sha256(form["code_verifier"][0].encode()).digest()):
            return 400, b'{"error": "invalid_grant"}'
        if self.answer is not None:
            return self.answer
        return 200, json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": self.make(self.claims)}).encode()

    def allow(self, query: dict, **changes) -> str:
        """The person says yes: a code, and the claims of the token that it will be worth."""
        code = f"code-{len(self.asked)}-{time.monotonic_ns()}"
        self.challenges[code] = query["code_challenge"]
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.client, "sub": "anna-1", "name": "Anna Amt", "nonce": query["nonce"],
                  "iat": now, "exp": now + 300, "roles": ["leads"], **changes}
        self.claims = {name: value for name, value in claims.items() if value is not None}
        return code

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Browser:
    """As much of a browser as a login takes: cookies, and redirects that are looked at instead of followed."""

    def __init__(self, hub):
        self.hub = hub
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, method: str = "GET", headers: dict | None = None, body: bytes | None = None):
        connection = http.client.HTTPConnection(self.hub.host, self.hub.port, timeout=60)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        connection.request(method, path, body, {**sent, **(headers or {})})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                kept, _, attributes = rest.partition(";")
                assert "HttpOnly" in attributes and "SameSite=" in attributes and "Path=/" in attributes
                if "Max-Age=0" in attributes:
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = kept
        connection.close()
        return answer

    def begin(self, path: str = "/login") -> dict:
        """Off to the provider: what the browser carries there."""
        answer = self.ask(path)
        assert answer.status == 303, answer.text
        url = urllib.parse.urlsplit(answer.headers["Location"])
        self.sent_to = f"{url.scheme}://{url.netloc}{url.path}"
        return {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}

    def back(self, **query) -> str:
        """Back from the provider: where the hub sends the browser then."""
        answer = self.ask("/login/callback?" + urllib.parse.urlencode(query))
        assert answer.status == 303, answer.text
        return answer.headers["Location"]

    def account(self) -> dict:
        return json.loads(self.ask("/api/account").text)

"""A real provider of OpenID Connect for the tests: glewlwyd (Debian), on loopback, with its database in a scratch folder.

It is set up over its own API as its handbook says: the plugin, its key, one client and the people.
"""

import http.cookiejar
import json
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

TABLES = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
PAGES = pathlib.Path("/usr/share/glewlwyd/webapp")
CONFIG = """
port={port}
external_url="{url}"
login_url="login.html"
api_prefix="api"
allow_origin="*"
log_mode="file"
log_level="INFO"
log_file="{folder}/glewlwyd.log"
cookie_secure=0
bind_address="127.0.0.1"
static_files_path="{folder}/pages/"
static_files_mime_types=(
  {{ extension=".html" mime_type="text/html" }},
  {{ extension=".css" mime_type="text/css" }},
  {{ extension=".js" mime_type="application/javascript" }},
  {{ extension=".json" mime_type="application/json" }}
)
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database={{ type="sqlite3" path="{folder}/glewlwyd.db" }}
"""


class Provider:
    """`issuer`, and one client `hub` whose secret is `secret`."""

    # Letters and digits: it takes the secret as it comes, without the encoding of RFC 6749, section 2.3.1.
    secret = "7Kq2mVx9TzWb4Rn8"
    password = "anna's-password"

    def __init__(self, folder: pathlib.Path, redirect_uri: str, people: dict[str, tuple[str, list[str]]]):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}/"
        self.issuer = f"http://localhost:{self.port}/api/accounts"
        self.folder = folder
        with sqlite3.connect(folder / "glewlwyd.db") as database:
            database.executescript(TABLES.read_text())
        shutil.copytree(PAGES, folder / "pages", ignore=shutil.ignore_patterns("config.json"))
        # Debian's link leads to a folder that holds the file.
        settings = PAGES / "config.json"
        shutil.copy(settings / "config.json" if settings.is_dir() else settings, folder / "pages" / "config.json")
        (folder / "glewlwyd.conf").write_text(CONFIG.format(port=self.port, url=self.url.rstrip("/"), folder=folder))
        self.process = subprocess.Popen(["glewlwyd", f"--config-file={folder}/glewlwyd.conf"], cwd=folder,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            self._set_up(redirect_uri, people)
        except BaseException:
            self.stop()
            raise

    def _ask(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self.browser.open(request, timeout=20) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def _set_up(self, redirect_uri, people):
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({}))
        for _ in range(300):
            try:
                self._ask("GET", "config")
                break
            except OSError:
                assert self.process.poll() is None, (self.folder / "glewlwyd.log").read_text()
                time.sleep(0.1)
        self._ask("POST", "api/auth", {"username": "admin", "password": "password"})
        key = subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True, text=True).stdout
        public = subprocess.run(["openssl", "rsa", "-pubout"], input=key, check=True, capture_output=True, text=True).stdout
        self._ask("POST", "api/mod/plugin", {
            "module": "oidc", "name": "accounts", "display_name": "Accounts", "parameters": {
                "iss": self.issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": key, "cert": public,
                "access-token-duration": 3600, "refresh-token-duration": 3600, "code-duration": 600,
                "refresh-token-rolling": True, "allow-non-oidc": False, "auth-type-code-enabled": True,
                "auth-type-code-revoke-replayed": True,
                "auth-type-token-enabled": False, "auth-type-id-token-enabled": True, "auth-type-none-enabled": False,
                "auth-type-password-enabled": False, "auth-type-client-enabled": False,
                "auth-type-device-enabled": False, "auth-type-refresh-enabled": False,
                "jwks-show": True, "subject-type": "public", "name-claim": "mandatory", "pkce-allowed": True,
                "pkce-required": True, "pkce-method-plain-allowed": False, "scope": [],
                "claims": [{"name": "roles", "user-property": "roles", "type": "string", "mandatory": True,
                            "on-demand": False, "scope": []}],
            }})
        for kind in ("user", "client"):
            module = json.loads(self._ask("GET", f"api/mod/{kind}/database"))
            if kind == "user":
                module["parameters"]["data-format"]["roles"] = {
                    "multiple": True, "read": True, "write": True, "profile-read": True, "profile-write": False}
                self._ask("PUT", "api/mod/user/database", module)
                self._ask("PUT", "api/mod/user/database/reset")
        for name, (shown, roles) in people.items():
            self._ask("POST", "api/user", {"username": name, "name": shown, "password": self.password, "roles": roles,
                                           "enabled": True, "scope": ["g_profile", "openid"]})
        self._ask("POST", "api/client", {
            "client_id": "hub", "name": "The hub", "confidential": True, "enabled": True, "password": self.secret,
            "client_secret": self.secret, "redirect_uri": [redirect_uri], "scope": ["openid"],
            "token_endpoint_auth_method": ["client_secret_basic"], "authorization_type": ["code"]})

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

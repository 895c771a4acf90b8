"""A calendar server that replays what real ones were seen to do wrong. One per test; `behave` is called for each request."""

import http.server
import threading


class Fake:
    def __init__(self, behave):
        self.requests = []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                fake.requests.append((self.command, self.path, body, dict(self.headers)))
                try:
                    result = behave(self.command, self.path, body, self)
                    if result is None:
                        return
                    status, headers, text = result
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(text if isinstance(text, bytes) else text.encode())
                except (BrokenPipeError, ConnectionResetError):
                    pass

            do_GET = do_PUT = do_DELETE = do_REPORT = do_PROPFIND = do_OPTIONS = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/room/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


XML = {"Content-Type": "application/xml; charset=utf-8"}


def multistatus(*responses, token=None, prefix="d:"):
    head = f'<{prefix}multistatus xmlns{":" + prefix[:-1] if prefix else ""}="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    tail = f"<{prefix}sync-token>{token}</{prefix}sync-token>" if token else ""
    return 207, XML, head + "".join(responses) + tail + f"</{prefix}multistatus>"


def response(href, props, status="200 OK", own=None):
    state = f"<d:status>HTTP/1.1 {own}</d:status>" if own else ""
    return (f"<d:response><d:href>{href}</d:href>{state}<d:propstat><d:prop>{props}</d:prop>"
            f"<d:status>HTTP/1.1 {status}</d:status></d:propstat></d:response>")


def collection(reports=("sync-collection", "calendar-multiget")):
    listed = "".join(
        f"<d:supported-report><d:report><{'d' if name == 'sync-collection' else 'c'}:{name}/></d:report></d:supported-report>" for name in reports)
    return response("/room/", f"<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:supported-report-set>{listed}</d:supported-report-set>")

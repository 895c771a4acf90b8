"""A TCP relay in front of a calendar that can hold one request, or its answer, until told."""

import socket
import threading


class Gate:
    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.method = None
        self.before = True
        self.countdown = None
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.gone = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def stop_at(self, method, before):
        self.method, self.before = method.encode(), before

    def stop_at_request(self, number, before):
        """Holds the so-manieth request from now on."""
        self.countdown, self.before = number, before

    def is_held(self, request):
        with self.lock:
            if self.countdown is not None:
                self.countdown -= 1
                return self.countdown == 0
        return self.method is not None and request.startswith(self.method)

    def wait_stopped(self):
        assert self.stopped.wait(60), "nothing came"

    def open(self):
        """Drops what is held; what comes later passes."""
        self.method = self.countdown = None
        self.gone.set()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        server = None
        try:
            while True:
                request = self.message(client)
                if not request:
                    return
                held = self.is_held(request)
                if held and self.before:
                    return self.hold()
                server = server or socket.create_connection(("127.0.0.1", self.target))
                server.sendall(request)
                answer = b""
                while chunk := server.recv(65536):
                    answer += chunk
                if held:
                    return self.hold()
                client.sendall(answer)
                return
        except OSError:
            pass
        finally:
            client.close()
            if server:
                server.close()

    def hold(self):
        self.stopped.set()
        self.gone.wait(60)

    @staticmethod
    def message(client):
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = client.recv(65536)
            if not chunk:
                return b""
            data += chunk
        head, body = data.split(b"\r\n\r\n", 1)
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += client.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self):
        self.listener.close()

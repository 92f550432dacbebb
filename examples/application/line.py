"""A line to a server that can be cut, as a failover looks from a client: `cut.py` leads its clients over it."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType


class Line:
    """A proxy at 127.0.0.1, port `port`.

    Args:
        host, port: the server.
    """

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.how = ""
        self.sessions: set[Session] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> Line:
        self.thread.start()
        self.port = 0
        self._do(self._listen())
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._do(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def cut(self, how: str) -> None:
        """`refuses`: sessions are ended and new ones refused, as by a server that was stopped. `is silent`: sessions
        are never answered again, even after `mend`, and new ones get no greeting, as of a server without power.
        """
        self._do(self._cut(how))

    def mend(self) -> None:
        """New sessions reach the server again, as they would another one that has taken over."""
        self._do(self._mend())

    def _do(self, what) -> None:  # type: ignore[no-untyped-def]
        asyncio.run_coroutine_threadsafe(what, self.loop).result()

    async def _listen(self) -> None:
        self.listening = await asyncio.start_server(self._lead, "127.0.0.1", self.port)
        self.port = self.listening.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self.listening.close()
        for session in tuple(self.sessions):
            session.end()

    async def _cut(self, how: str) -> None:
        self.how = how
        if how == "refuses":
            await self._close()
        for session in self.sessions:
            session.silent = True

    async def _mend(self) -> None:
        if self.how == "refuses":
            await self._listen()
        self.how = ""

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(writer)
        self.sessions.add(session)
        try:
            if self.how:
                session.silent = True
                await reader.read()  # until the client gives up
                return
            far_reader, far_writer = await asyncio.open_connection(*self.server)
            session.far = far_writer
            await asyncio.gather(session.pass_on(reader, far_writer), session.pass_on(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            session.end()
            self.sessions.discard(session)


class Session:
    """One client's way to the server."""

    def __init__(self, near: asyncio.StreamWriter) -> None:
        self.near = near
        self.far: asyncio.StreamWriter | None = None
        self.silent = False

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What comes from one side to the other, until one of them ends; nothing while it is silent."""
        while data := await reader.read(65536):
            if not self.silent:
                writer.write(data)
                await writer.drain()
        if not self.silent or writer is self.far:
            self.end()

    def end(self) -> None:
        """Both sides, at once."""
        for writer in (self.near, self.far):
            if writer is not None:
                writer.transport.abort()

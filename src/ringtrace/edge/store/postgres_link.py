"""A session with PostgreSQL that never keeps anyone waiting: what is not answered in time is cut off, and made anew."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import errors

from ringtrace.wire.postgres import connection_options, session, unavailable

log = logging.getLogger("ringtrace.edge")

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_RETRY_SECS = 0.25
_TRIES = 3
# Plans for many small lookups by index: what the planner thinks of tables that it has not counted yet must not matter.
# Planned once: planning a batch's statements anew took three times as long as running them.
_PLANS = (
    "; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
    "; SET plan_cache_mode = force_generic_plan"
)


class Link:
    """One session, made when it is first needed and after each loss. One statement or transaction at a time."""

    def __init__(self, url: str, part: str, answer_secs: float) -> None:
        self._options = connection_options(url, part)
        self._answer_secs = answer_secs
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()
        self._retry_at = 0.0
        self._is_lost = False
        self.times_made = 0

    @property
    def is_being_mended(self) -> bool:
        """It was lost, and someone is trying to make it again: who comes now need not wait to hear how that ends."""
        return self._is_lost and self._lock.locked()

    @property
    def is_up(self) -> bool:
        return self._connection is not None and not self._connection.closed

    async def fetch(self, statement: LiteralString, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """One statement in a transaction of its own; committed when this returns. Raises StoreUnavailable."""
        for _ in range(_TRIES):
            try:
                async with self._session() as connection:
                    cursor = await connection.execute(statement, parameters, prepare=True)
                    return await cursor.fetchall() if cursor.description else []
            except errors.TransactionRollback:  # two waited for each other: this one was chosen to try again
                log.info("two transactions waited for each other; one is tried again")
        raise unavailable()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Connection]:
        """The session, for as long as `answer_secs`. Raises StoreUnavailable."""
        try:
            async with self._session() as connection:
                yield connection
        except errors.TransactionRollback as error:
            raise unavailable() from error

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Connection]:
        """Raises StoreUnavailable, and psycopg's own error for what may be tried again at once."""
        must_wait = self._lock.locked()
        if must_wait and self._is_lost:
            raise unavailable()
        async with self._lock:
            if must_wait and self._is_lost:  # meanwhile: the next call tries again
                raise unavailable()
            connection = await self._connected()
            cut = asyncio.get_running_loop().call_later(self._answer_secs, _cut, connection)
            try:
                yield connection
            except errors.TransactionRollback:
                raise
            except psycopg.Error as error:
                if isinstance(error, errors.ReadOnlySqlTransaction):  # it has become a standby: another is the first
                    await connection.close()
                self._is_lost = connection.closed
                raise unavailable() from error
            finally:
                cut.cancel()

    async def close(self) -> None:
        """Lets go of the session; the next use makes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> Connection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        loop = asyncio.get_running_loop()
        if loop.time() < self._retry_at:
            raise unavailable()
        try:
            self._connection = await self._connect()
        except psycopg.Error as error:
            self._retry_at = loop.time() + _RETRY_SECS
            self._is_lost = True
            raise unavailable() from error
        self._is_lost = False
        self.times_made += 1
        return self._connection

    async def _connect(self) -> Connection:
        connection = await psycopg.AsyncConnection.connect(**self._options, autocommit=True)
        cut = asyncio.get_running_loop().call_later(self._answer_secs, _cut, connection)
        try:
            await connection.execute(session(self._answer_secs) + _PLANS)
        except psycopg.Error:
            await connection.close()
            raise
        finally:
            cut.cancel()
        return connection


def _cut(connection: Connection) -> None:
    """Hangs up under a session that has not answered: whoever waits for it is told at once.

    Cancelling the statement would ask the server, which may be gone without a word.
    """
    if connection.closed:
        return
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is gone already

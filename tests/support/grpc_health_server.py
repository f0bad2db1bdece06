"""The reference gRPC health server, as a program: ``PORT [CERT KEY CA]``. With certificates it requires the client's.

``check`` answers by name: "" and shop.Cart serve, shop.Old does not, shop.New is unknown to itself. With the argument
``plain`` there is no health service. Metadata ``fail: CODE`` ends a call with that code.
"""

from __future__ import annotations

import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


class Failing(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc has no types
    def intercept_service(self, continuation: Any, details: Any) -> Any:
        metadata = dict(details.invocation_metadata)
        code = metadata.get("fail")
        if code is None:
            return continuation(details)

        def abort(request: bytes, context: Any) -> None:
            context.abort(getattr(grpc.StatusCode, code), metadata.get("say", "오류 \x1b[2J 50% of it"))

        return grpc.unary_unary_rpc_method_handler(abort)


def main() -> None:
    port, rest = sys.argv[1], sys.argv[2:]
    server = grpc.server(futures.ThreadPoolExecutor(4), interceptors=[Failing()])
    if rest != ["plain"]:
        servicer = health.HealthServicer()
        status = health_pb2.HealthCheckResponse
        for name, said in (
            ("", status.SERVING),
            ("shop.Cart", status.SERVING),
            ("shop.Old", status.NOT_SERVING),
            ("shop.New", status.UNKNOWN),
        ):
            servicer.set(name, said)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if len(rest) == 3:
        cert, key, authority = (Path(each).read_bytes() for each in rest)
        server.add_secure_port(
            f"127.0.0.1:{port}",
            grpc.ssl_server_credentials([(key, cert)], root_certificates=authority, require_client_auth=True),
        )
    else:
        server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()

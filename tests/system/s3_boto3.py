#!/usr/bin/python3
"""Amazon's own client against tests/media/s3_stub.py: what is right is accepted, what is wrong is refused for the right
reason. So a signature that the stub accepts from us is one that S3 would accept.

  s3_boto3.py PORT     prints one line a case: its name, and what came of it
"""
import socket
import sys
import urllib.error
import urllib.request

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

ENDPOINT = f"http://127.0.0.1:{sys.argv[1]}"
RIGHT = {"aws_access_key_id": "AK:ID", "aws_secret_access_key": "secret/+=", "region_name": "eu-test-1"}
KEY = "calls/7/a b+c=\u00e9/~(x)*'.mp4"


# RFC 6761: every name below localhost is this host; the resolver may not know.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(
    "127.0.0.1" if isinstance(host, str) and host.endswith(".localhost") else host, *rest, **more)


def client(style="path", **changes):
    config = Config(signature_version="s3v4", s3={"addressing_style": style}, retries={"max_attempts": 0})
    endpoint = changes.pop("endpoint", ENDPOINT)
    return boto3.client("s3", endpoint_url=endpoint, config=config, **{**RIGHT, **changes})


def case(name, act):
    try:
        print(name, act())
    except ClientError as error:
        print(name, error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])


def put(s3, **more):
    return s3.put_object(Bucket="calls", Key=KEY, Body=b"bytes" * 999, ContentType="video/mp4", **more)[
        "ResponseMetadata"]["HTTPStatusCode"]


def change(s3, where, how):
    """Lets boto3 sign, and changes the request behind its back."""
    s3.meta.events.register("before-send.s3.*", lambda request, **kwargs: how(request))
    return where(s3)


def set_header(name, value):
    def how(request):
        request.headers[name] = value
    return how


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def change_body(request):
    request.body = b"other" * 999


def main():
    s3 = client()
    case("put", lambda: put(s3, CacheControl="private", Metadata={"a": "1", "a-b": "2  3"}))
    case("head", lambda: s3.head_object(Bucket="calls", Key=KEY)["Metadata"]["a-b"].replace(" ", "_"))
    case("get", lambda: len(s3.get_object(Bucket="calls", Key=KEY)["Body"].read()))
    case("list", lambda: s3.list_objects_v2(Bucket="calls", Prefix="a/ b")["ResponseMetadata"]["HTTPStatusCode"])
    case("virtual", lambda: put(client("virtual", endpoint=ENDPOINT.replace("127.0.0.1", "localhost"))))
    case("no-key", lambda: s3.get_object(Bucket="calls", Key="none"))
    case("no-bucket", lambda: s3.put_object(Bucket="other", Key="x", Body=b""))
    case("secret", lambda: put(client(aws_secret_access_key="other")))
    case("key", lambda: put(client(aws_access_key_id="other")))
    case("region", lambda: put(client(region_name="us-east-1")))
    case("token", lambda: put(client(aws_session_token="other")))
    case("body", lambda: change(client(), put, change_body))
    case("unsigned", lambda: change(client(), put, set_header("x-amz-meta-new", "1")))
    case("type", lambda: change(client(), put, set_header("Content-Type", "text/html")))
    case("date", lambda: change(client(), put, set_header("X-Amz-Date", "20130524T000000Z")))
    case("unsigned-payload", lambda: change(client(), put, set_header("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")))
    link = s3.generate_presigned_url("get_object", {"Bucket": "calls", "Key": KEY}, ExpiresIn=60)
    case("link", lambda: fetch(link))
    case("longer-link", lambda: fetch(link.replace("Expires=60", "Expires=61")))
    case("delete", lambda: s3.delete_object(Bucket="calls", Key=KEY)["ResponseMetadata"]["HTTPStatusCode"])
    case("deleted", lambda: fetch(link))


main()

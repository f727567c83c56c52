"""An S3 server on a free port of this machine that checks signatures. Prints how to reach it; ends with its input."""
import json
import sys

import boto3
import requests
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"
setup = dict(endpoint_url=endpoint, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
iam = boto3.client("iam", **setup)
iam.create_user(UserName="roost")
allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
iam.put_user_policy(UserName="roost", PolicyName="archive", PolicyDocument=policy)
key = iam.create_access_key(UserName="roost")["AccessKey"]
boto3.client("s3", **setup).create_bucket(
    Bucket="cold", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
requests.post(f"{endpoint}/moto-api/reset-auth", data="0")
print(json.dumps({"endpoint": endpoint, "access": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
sys.stdin.read()
server.stop()

"""Asks STS who it is, with what boto3 finds by its own default chain; prints the answer's ARN."""

import boto3

print(boto3.client("sts").get_caller_identity()["Arn"])

"""As boto3_client.py, by IMDSv1 alone: boto3 as it was before it asked for a token."""

import boto3
from botocore.utils import IMDSFetcher

IMDSFetcher._fetch_metadata_token = lambda self: None
print(boto3.client("sts").get_caller_identity()["Arn"])

"""Prints endpoints.json: which host AWS's own rules give, as botocore (the AWS CLI) has them:
the committed table is of botocore 1.44.5.

    python3 tests/vectors/endpoints.py > tests/vectors/endpoints.json

For each service and region four hosts: ordinary, FIPS, dual-stack, both; each with the region that
requests are signed for, where that is another. `sts legacy` is STS with sts_regional_endpoints.
"""

import json

import botocore.session
from botocore.endpoint_provider import EndpointProvider

SERVICES = ["iam", "signin", "sso", "sso-oidc", "sts", "sts legacy"]
VARIANTS = [(False, False), (True, False), (False, True), (True, True)]

loader = botocore.session.get_session().get_component("data_loader")
partitions = loader.load_data("partitions")


def ask(provider, region, fips, dual_stack, legacy):
    parameters = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack}
    if legacy:
        parameters["UseGlobalEndpoint"] = True
    endpoint = provider.resolve_endpoint(**parameters)
    [scheme] = endpoint.properties.get("authSchemes", [{}])
    signed_for = scheme.get("signingRegion", region)
    host = endpoint.url.removeprefix("https://")
    return host if signed_for == region else f"{host} {signed_for}"


def list_hosts(service):
    name, _, legacy = service.partition(" ")
    rules = loader.load_service_model(name, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, partitions)
    regions = [r for p in partitions["partitions"] for r in p["regions"] if not r.endswith("-global")]
    return {r: [ask(provider, r, *variant, legacy) for variant in VARIANTS] for r in regions}


tables = []
for service in SERVICES:
    rows = [f"  {json.dumps(region)}: {json.dumps(hosts)}" for region, hosts in list_hosts(service).items()]
    tables.append(f"{json.dumps(service)}: {{\n" + ",\n".join(rows) + "\n}")
print("{" + ",\n".join(tables) + "}")

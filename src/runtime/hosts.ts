/**
 * Hosts of AWS in every partition, the console's sign-in, this machine, and the addresses at which
 * EC2, ECS and EKS hand out credentials. Nothing is imported here, as the build script reads it too.
 */
export const AWS_HOSTS: readonly string[] = [
  ...["*.amazonaws.com", "*.api.aws", "*.aws.amazon.com"],
  ...["*.amazonaws.com.cn", "*.api.amazonwebservices.com.cn", "signin.amazonaws.cn"],
  ...["*.signin.amazonaws.cn", "*.cloud.adc-e.uk", "*.csp.hci.ic.gov"],
  ...["signin.amazonaws-us-gov.com", "*.signin.amazonaws-us-gov.com"],
  ...["signin-fips.amazonaws-us-gov.com", "*.signin-fips.amazonaws-us-gov.com"],
  ...["*.amazonaws.eu", "*.api.amazonwebservices.eu", "*.signin.amazonaws-eusc.eu"],
  ...["signin.amazonaws-eusc.eu", "*.c2s.ic.gov", "*.sc2s.sgov.gov"],
  ...["*.api.aws.ic.gov", "*.api.aws.scloud", "*.api.aws.hci.ic.gov", "*.api.cloud-aws.adc-e.uk"],
  ...["127.0.0.1", "localhost", "[::1]"],
  ...["169.254.169.254", "169.254.170.2", "169.254.170.23", "[fd00:ec2::254]", "[fd00:ec2::23]"],
];

/** Variables whose hosts may be asked too; those that scripts/launcher.sh reads. */
export const HOST_VARIABLES: readonly string[] = [
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_STS",
  "AWS_ENDPOINT_URL_IAM",
  "AWS_ENDPOINT_URL_SSO",
  "AWS_ENDPOINT_URL_SSO_OIDC",
  "AWS_ENDPOINT_URL_SIGNIN",
  "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/** The hosts a run may ask, as `--allow-net` has them: AWS's, and those its environment names. */
export function readHosts(get: (name: string) => string | undefined): string[] {
  const named = [
    ...HOST_VARIABLES.map((name) => get(name) ?? ""),
    ...(get("AWS_VAULT_ALLOW_NET") ?? "").split(","),
  ];
  return [...AWS_HOSTS, ...named.map(hostOf).filter((host) => /^[\w.:*[\]-]+$/.test(host))];
}

/** `host` or `host:port` of an address, or of a host that stands alone. */
function hostOf(address: string): string {
  return address.replace(/^.*?:\/\//, "").replace(/[/?#].*$/s, "").replace(/^.*@/, "");
}

/** Whether an address is at one of these hosts: with a port that port alone, `*.` for any below. */
export function isAtHost(url: URL, hosts: readonly string[]): boolean {
  const port = url.port || (url.protocol === "http:" ? "80" : "443");
  return hosts.some((pattern) => {
    const [, host, only] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase())!;
    if (only !== undefined && only !== port) return false;
    return host!.startsWith("*.") ? url.hostname.endsWith(host!.slice(1)) : url.hostname === host;
  });
}

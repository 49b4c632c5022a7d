/** Asks STS who it is, with what the AWS SDK for JavaScript finds by its own chain; prints the ARN. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const { Arn } = await new STSClient().send(new GetCallerIdentityCommand());
console.log(Arn);

// Prints what the AWS SDK for Go reads of the profiles that are named: session, account and role.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	for _, name := range os.Args[1:] {
		profile, err := config.LoadSharedConfigProfile(context.Background(), name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(name, profile.SSOSessionName, profile.SSOAccountID, profile.SSORoleName)
	}
}

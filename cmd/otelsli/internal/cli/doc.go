// Package cli holds what the commands of otelsli share: streams, the flag -o, and the exit status.
//
//	func New(app *cli.App) *cobra.Command {
//		return &cobra.Command{
//			Use:  "check",
//			RunE: func(cmd *cobra.Command, _ []string) error {
//				report := check(cmd.Context())
//				if err := app.Print(report, func() { writeText(app.Out, report) }); err != nil {
//					return err
//				}
//				if report.bad() {
//					return cli.ErrProblems
//				}
//				return nil
//			},
//		}
//	}
//
// # Commands
//
// Each group of commands is a separate package with a function New that takes the [App]. Package root
// assembles them. A command writes only its result to App.Out, so the output can be piped; progress
// and notes go to App.Err.
//
// # Output
//
// The flag -o selects the output of every command: text for people, json for programs. Fields may be
// added to the JSON of a command, but are never renamed or removed.
//
// # Exit status
//
//   - 0 is success.
//   - 1 is [ErrProblems]: the command ran, found problems and printed them.
//   - 2 is any other error, such as an unknown flag; package root prints it.
//
// # Concurrency
//
// An App serves one command at a time.
package cli

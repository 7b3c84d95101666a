// Package cli is what the commands of otelsli share: their streams, the flag -o, and how they end.
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
// Each group of commands is a package of its own, with a function New that takes the [App]. Package
// root puts them together. A command writes its result to App.Out and nothing else there, so that it
// can be piped; progress and remarks go to App.Err.
//
// # Output
//
// -o is one flag for all commands: text for people, json for programs. The JSON of a command is that
// of an exported type whose fields are only added to.
//
// # Exit status
//
// 0 is success, 1 is [ErrProblems]: the command did what it should and found something wrong, which
// it has printed. 2 is everything else, such as an unknown flag; the error is printed for it.
//
// # Concurrency
//
// An App is for one command at a time.
package cli

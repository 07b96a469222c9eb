using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The command line of <see cref="Sender"/>.</summary>
internal static class SendCommand
{
    private const string Name = "send", TextName = "text";

    public static Command Create()
    {
        var (client, print) = (new ClientArguments(), new PrintArguments());
        var texts = new Argument<string[]>(TextName) { Description = "The messages, each a text; without any, each line of standard input is one.", Arity = ArgumentArity.ZeroOrMore };
        var isBinary = new Option<bool>("--binary") { Description = "Send binary messages: each TEXT in UTF-8, or all of standard input as one." };
        var file = new Option<string?>("--file") { Description = "Send a file as one binary message.", HelpName = "FILE", CustomParser = FileOf };
        var wait = new Option<int?>("--wait") { Description = "Print so many answers before closing.", HelpName = "COUNT", CustomParser = ClientValues.Count };
        var waitTimeout = new Option<TimeSpan?>("--wait-timeout")
        {
            Description = $"How long each answer may take, {SendRequest.DefaultWaitSeconds} s by default.",
            HelpName = "SECONDS",
            CustomParser = ClientValues.PositiveSeconds,
        };

        var command = new Command(Name, "Sends messages to a WebSocket server, and closes; ends with 0 if it has got them all.") { texts, isBinary, file, wait, waitTimeout };
        print.AddTo(command);
        client.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(file) is not null && result.GetResult(texts) is { Tokens.Count: > 0 })
                result.AddError("--file sends a file, and TEXT what it says; leave one out.");
            else if (result.GetResult(waitTimeout) is not null && result.GetResult(wait) is null)
                result.AddError("--wait-timeout says how long to wait for what --wait COUNT asks for; write both, or leave it out.");
        });
        command.SetAction((result, _) => ClientRunner.RunAsync(async interrupted =>
        {
            var request = new SendRequest
            {
                Client = client.ValuesOf(result),
                Texts = result.GetValue(texts) ?? [],
                IsBinary = result.GetValue(isBinary),
                File = result.GetValue(file),
                Wait = result.GetValue(wait),
                WaitTimeout = result.GetValue(waitTimeout) ?? TimeSpan.FromSeconds(SendRequest.DefaultWaitSeconds),
                MaxMessageSize = print.MaxMessageSizeOf(result),
            };
            using var sender = new Sender(request, print.PrinterOf(result, StandardOutput.Open()), Console.OpenStandardInput, IsTyped(request), TimeProvider.System);
            return await sender.RunAsync(interrupted);
        }));
        return command;
    }

    /// <summary>
    /// What to say of a text that is likely to be an option misspelled, which the parser takes for a message: it begins with two dashes, and does not stand behind <c>--</c>.
    /// </summary>
    /// <param name="result">What was parsed, for whatever command.</param>
    /// <returns>Null if there is none.</returns>
    public static string? AdviceOn(ParseResult result)
    {
        if (result.CommandResult is not { Command.Name: Name } command || command.Children.OfType<ArgumentResult>().FirstOrDefault(argument => argument.Argument.Name == TextName) is not { } texts)
            return null;

        var meantCount = result.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return texts.Tokens.SkipLast(meantCount).FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } slip
            ? $"Unrecognized command or argument '{slip.Value}'. A message that begins with two dashes stands behind two: 'rawws send URL -- {slip.Value}'."
            : null;
    }

    private static bool IsTyped(SendRequest request) => request is { Texts: [], File: null, Wait: null } && !Console.IsInputRedirected;

    private static string? FileOf(ArgumentResult argument)
    {
        var path = argument.Tokens[0].Value;
        if (File.Exists(path))
            return path;

        argument.AddError($"--file takes a file that exists; '{path}' is none.");
        return null;
    }
}

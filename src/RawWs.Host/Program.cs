using System.Collections;
using System.CommandLine;
using RawWs.Host;

ParseResult result;
try
{
    result = new CommandLine(HostRunner.RunAsync).Parse(args, Variables());
}
catch (WrongUsageException error)
{
    await TellAsync($"{error.Message} For all options: {error.Command} --help");
    return ExitCode.WrongUsage;
}

try
{
    // Signals and failures are the host's affair: the defaults here would end the process after two seconds, and print stack traces.
    return await result.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException)
{
    // All else that can't be read or written is told where it happens.
    await TellAsync(StandardOutput.Describe(error));
    return ExitCode.Failure;
}

static async Task TellAsync(string message)
{
    try
    {
        await Console.Error.WriteLineAsync($"rawws: {message}");
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException)
    {
        // It can't be said anywhere; the exit code says that something is wrong.
    }
}

static Dictionary<string, string> Variables()
    => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!); // Texts, both.

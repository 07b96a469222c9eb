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
    await Console.Error.WriteLineAsync($"rawws: {error.Message} For all options: {error.Command} --help");
    return ExitCode.WrongUsage;
}

// Signals and failures are the host's affair: the defaults here would end the process after two seconds, and print stack traces.
return await result.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

static Dictionary<string, string> Variables()
    => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!); // Texts, both.

using RawWs.Host;

var result = new CommandLine(HostRunner.RunAsync).Parse(args);

if (result.Errors is [var error, ..])
{
    await Console.Error.WriteLineAsync($"rawws: {error.Message} For all options: rawws --help");
    return ExitCode.WrongUsage;
}

// Signals and failures are the host's affair: the defaults here would end the process after two seconds, and print stack traces.
return await result.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace RawWs.Host;

/// <summary>Where the log goes, and in which form.</summary>
internal static class LogOutput
{
    // ISO 8601: what programs read without being told how.
    private const string UtcTime = "yyyy-MM-ddTHH:mm:ss.fffZ";

    public static void AddTo(ILoggingBuilder logging, HostOptions options)
    {
        logging.SetMinimumLevel(options.LogLevel);
        if (options.LogFormat == OutputFormat.Json)
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, UtcTime));
        else
            logging.AddSimpleConsole(console => console.SingleLine = true);

        if (options.Otlp is { } target)
            OtlpExport.AddTo(logging, target);

        // Standard output is for what a script wants to read; and a start that fails is told in one line, not with the host's stack trace.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (options.LogLevel > LogLevel.Debug)
            logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }
}

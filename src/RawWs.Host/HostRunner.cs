using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>Runs the generic host with the server in it, from its start to its end.</summary>
internal static class HostRunner
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(HostOptions options)
    {
        options = options with { InheritedSockets = ActivationSockets.Find(Environment.GetEnvironmentVariable, Environment.ProcessId) };
        try
        {
            using var host = WithTelemetry(options, () => Build(options));
            var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(HostLog.Category);
            using var export = WithTelemetry(options, () => StartExport(options, logger));
            return await RunAsync(options, host, logger);
        }
        catch (WrongUsageException error)
        {
            await Console.Error.WriteLineAsync($"rawws: {error.Message}");
            return ExitCode.WrongUsage;
        }
    }

    private static async Task<int> RunAsync(HostOptions options, IHost host, ILogger logger)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        try
        {
            foreach (var warning in options.Warnings)
                HostLog.Warn(logger, warning);

            var manager = new ServiceManager(Environment.GetEnvironmentVariable, logger);
            await host.StartAsync();
            manager.TellReady();
            using var telling = stopping.Register(manager.TellStopping);

            // After the start and not within: who has read this may already send the signal to stop.
            await GreetAsync(Greeting.Of(options, host.Services.GetRequiredService<ServerService>().EndPoints));
            await host.WaitForShutdownAsync();
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was asked to stop before it had started.
            return ExitCode.Success;
        }
        catch (IOException error)
        {
            await Console.Error.WriteLineAsync($"rawws: {error.Message}");
            return ExitCode.Failure;
        }
    }

    // What OpenTelemetry reads by itself it also checks by itself, when it is made, and says so by exceptions of many kinds.
    private static T WithTelemetry<T>(HostOptions options, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception error) when (options.Otlp is not null
            && error is ArgumentException or NotSupportedException or FormatException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new WrongUsageException(
                $"OpenTelemetry can't use what its variables (OTEL_…) say; correct or remove the one that this is about: {error.Message.Split('\n')[0].TrimEnd()}");
        }
    }

    private static OtlpExport? StartExport(HostOptions options, ILogger logger) => options.Otlp is { } target ? new OtlpExport(target, logger) : null;

    private static async Task GreetAsync(string greeting)
    {
        try
        {
            await Console.Out.WriteLineAsync(greeting);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Standard output is closed, or its disk is full: it serves all the same.
        }
    }

    private static IHost Build(HostOptions options)
    {
        // Without the defaults: no files and environment variables that change what the command line says, and a sooner start.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });

        LogOutput.AddTo(builder.Logging, options);
        builder.Services
            .Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = options.DrainTime)
            .AddSingleton<IHostLifetime, SignalLifetime>()
            .AddSingleton(options)
            .AddSingleton<ServerService>()
            .AddHostedService(services => services.GetRequiredService<ServerService>());

        return builder.Build();
    }
}

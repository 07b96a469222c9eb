using System.Diagnostics;

namespace RawWs.Conformance;

/// <summary>Runs conformance cases against an echo server.</summary>
public static class ConformanceRunner
{
    /// <summary>The cases that <paramref name="options"/> select, in reporting order.</summary>
    public static IReadOnlyList<ConformanceCase> Select(ConformanceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. CaseCatalog.All(options).Where(options.Selects)];
    }

    /// <summary>Runs every selected case, <see cref="ConformanceOptions.Parallelism"/> at a time.</summary>
    /// <param name="options">What to run and against whom.</param>
    /// <param name="progress">Told of each result as it comes, from any thread.</param>
    /// <param name="cancellationToken">Stops the run; cases that are under way are abandoned.</param>
    public static async Task<ConformanceReport> RunAsync(
        ConformanceOptions options, IProgress<CaseResult>? progress = null, CancellationToken cancellationToken = default)
    {
        var cases = Select(options);
        var results = new CaseResult[cases.Count];
        var startedAt = DateTimeOffset.Now;
        var started = Stopwatch.GetTimestamp();

        // Slow cases mostly wait: they start first, so that the others fill the time.
        var order = Enumerable.Range(0, cases.Count).OrderByDescending(index => cases[index].Traits.HasFlag(CaseTraits.Slow)).ToArray();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken };

        await Parallel.ForEachAsync(order, parallel, async (index, token) =>
        {
            results[index] = await RunCaseAsync(cases[index], options, token);
            progress?.Report(results[index]);
        });

        return new ConformanceReport
        {
            Target = options.Target.ToString(),
            StartedAt = startedAt,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Chop = options.Chop,
            Seed = options.Seed,
            MaxMessageSize = options.MaxMessageSize,
            Results = results,
        };
    }

    /// <summary>Runs one case. Never throws for what the server does; that is the result.</summary>
    public static async Task<CaseResult> RunCaseAsync(
        ConformanceCase one, ConformanceOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(options);

        await using var context = new CaseContext(one, options, cancellationToken);
        var started = Stopwatch.GetTimestamp();

        if (options.Chop == ChopMode.OneByte && one.Traits.HasFlag(CaseTraits.Bulky))
            context.Verdict(Outcome.Skipped, "too much to send byte by byte");
        else
            await JudgeAsync(one, context, cancellationToken);

        return context.ToResult(Stopwatch.GetElapsedTime(started));
    }

    private static async Task JudgeAsync(ConformanceCase one, CaseContext context, CancellationToken cancellationToken)
    {
        try
        {
            await one.Body(context);
            await context.CloseAllAsync();
        }
        catch (VerdictException verdict)
        {
            context.Verdict(verdict.Outcome, verdict.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            context.Verdict(Outcome.Failed, $"the case did not end within {context.CaseTimeout.TotalSeconds:0} s");
        }
        catch (System.Net.Sockets.SocketException error)
        {
            context.Verdict(Outcome.Failed, $"could not connect: {error.SocketErrorCode}");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // One broken case must not end the run; it is reported as what it is, a fault of ours.
            context.Verdict(Outcome.Failed, $"the case itself broke: {error.GetType().Name}: {error.Message}");
        }
    }
}

using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RawWs.Transport;

namespace RawWs.Connections;

/// <summary>The deadline wheels of a server: one for each thread that works in turns, for the deadlines of the connections that belong to it, and one for all else.</summary>
/// <remarks>Thread-safe. A wheel is made when it is first asked for, and goes with its thread.</remarks>
internal sealed class DeadlineWheels(TimeProvider time, ILogger logger) : IDisposable
{
    private readonly ConditionalWeakTable<TurnScheduler, DeadlineWheel> _ofHomes = [];

    /// <summary>For what belongs to no such thread.</summary>
    public DeadlineWheel Common { get; } = new(time, logger);

    /// <summary>The wheel for what works on <paramref name="scheduler"/>.</summary>
    public DeadlineWheel Of(PipeScheduler scheduler)
        => scheduler is TurnScheduler home ? _ofHomes.GetOrAdd(home, static (home, wheels) => wheels.Make(home), this) : Common;

    /// <inheritdoc/>
    public void Dispose()
    {
        Common.Dispose();
        foreach (var (_, wheel) in _ofHomes)
            wheel.Dispose();
    }

    private DeadlineWheel Make(TurnScheduler home) => new(time, logger, home);
}

using System.Diagnostics;

namespace RawWs.Load;

/// <summary>A stretch of time, and what the server and this program did in it.</summary>
/// <param name="loop">The generator.</param>
/// <param name="target">The server.</param>
internal sealed class MeasuredTime(LoadLoop loop, LoadTarget target)
{
    private TimeSpan _serverCpuBefore, _brokerCpuBefore, _idleBefore;

    /// <summary>Whether it has begun and not ended.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>As timestamps of <see cref="Stopwatch"/>.</summary>
    public long Start { get; private set; } = long.MaxValue;

    public long End { get; private set; } = long.MaxValue;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(Start, End);

    /// <summary>The CPU time that the server has used. The system counts it in hundredths of a second.</summary>
    public TimeSpan ServerCpu { get; private set; }

    /// <summary>The same of what is between the nodes of a cluster; zero if there is nothing.</summary>
    public TimeSpan BrokerCpu { get; private set; }

    /// <summary>How much of the time the generator had something to do, 0 to 1: at 1 it may be what was measured.</summary>
    public double GeneratorShare { get; private set; }

    public void Begin()
    {
        (_serverCpuBefore, _brokerCpuBefore, _idleBefore) = (target.ServerCpu, target.BrokerCpu, loop.IdleTime);
        Start = loop.LookAtClock();
        IsRunning = true;
    }

    public void Finish()
    {
        IsRunning = false;
        End = loop.LookAtClock();
        (ServerCpu, BrokerCpu) = (target.ServerCpu - _serverCpuBefore, target.BrokerCpu - _brokerCpuBefore);
        GeneratorShare = 1 - Math.Min(1, (loop.IdleTime - _idleBefore) / Elapsed);
    }
}

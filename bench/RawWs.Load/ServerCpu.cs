using System.Diagnostics;

namespace RawWs.Load;

/// <summary>The CPU time of a process: what two servers are compared by on a machine that is not quiet.</summary>
internal static class ServerCpu
{
    public static TimeSpan Of(int? process)
    {
        if (process is not { } id)
            return TimeSpan.Zero;

        using var server = Process.GetProcessById(id);
        return server.TotalProcessorTime;
    }
}

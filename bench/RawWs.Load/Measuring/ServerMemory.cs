using System.Diagnostics;

namespace RawWs.Load;

/// <summary>What a server holds, and what the system holds for its connections, in bytes.</summary>
/// <param name="Resident">Of the server's process.</param>
/// <param name="Managed">What of that is objects that are in use; null if the server does not tell.</param>
/// <param name="Kernel">Socket buffers of the whole machine, hence of both ends of each connection; null where the system does not tell.</param>
internal readonly record struct ServerMemory(long Resident, long? Managed, long? Kernel)
{
    /// <summary>What of <see cref="Resident"/> is not <see cref="Managed"/>.</summary>
    public long? Native => Resident - Managed;

    public static ServerMemory Of(int process)
    {
        using var server = Process.GetProcessById(process);
        return new ServerMemory(server.WorkingSet64, Managed: null, KernelSockets.BufferBytes());
    }

    /// <summary>What each of so many connections has added since <paramref name="before"/>.</summary>
    public ServerMemory PerConnection(ServerMemory before, int count)
        => new((Resident - before.Resident) / count, (Managed - before.Managed) / count, (Kernel - before.Kernel) / count);
}

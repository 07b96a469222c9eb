namespace RawWs.Load;

/// <summary>Does one thing again and again.</summary>
internal interface ISoakWorker
{
    /// <summary>Does it once. A failure of the network is an ordinary end for whoever misbehaves; who behaves reports it.</summary>
    Task RunOnceAsync(CancellationToken cancellationToken);
}

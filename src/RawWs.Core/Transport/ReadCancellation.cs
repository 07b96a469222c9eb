namespace RawWs.Transport;

/// <summary>What may cancel a read that waits. Made when the first one can be cancelled, which of most connections none can, and used again.</summary>
internal sealed class ReadCancellation
{
    /// <summary>The token that the read was begun with.</summary>
    public CancellationToken Token { get; set; }

    /// <summary>Who is told when it is cancelled.</summary>
    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>The read is over. If it is being cancelled at this moment, waits for that.</summary>
    public void End()
    {
        Registration.Dispose();
        Registration = default;
    }
}

namespace RawWs.Protocol;

// What is held of a message that is not complete counts among that of all connections. A message that comes whole is not held at all.
internal sealed partial class MessageAssembler
{
    private long _countedMemory;

    /// <exception cref="ProtocolViolationException">All connections together hold too much.</exception>
    private void CountMemory()
    {
        if (_limits.Memory is not { } memory)
            return;

        // What waits in the input, and what was collected from it.
        var held = IsInMidst && !Discarding ? _retained + (_collected?.Capacity ?? 0) : 0;
        memory.Count(held, ref _countedMemory);
    }

    private void ReleaseMemory() => _limits.Memory?.Count(0, ref _countedMemory);
}

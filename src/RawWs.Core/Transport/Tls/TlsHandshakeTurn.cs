using System.Runtime.CompilerServices;

namespace RawWs.Transport;

/// <summary>What is awaited for a turn in a <see cref="TlsHandshakeQueue"/>. There is always something to wait for.</summary>
internal readonly struct TlsHandshakeTurn(TlsHandshakeQueue queue) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public TlsHandshakeTurn GetAwaiter() => this;

    public void GetResult()
    {
        // It has come.
    }

    public void OnCompleted(Action continuation) => queue.Add(continuation);

    public void UnsafeOnCompleted(Action continuation) => queue.Add(continuation);
}

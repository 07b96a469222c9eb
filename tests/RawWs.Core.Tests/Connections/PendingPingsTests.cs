using System.Runtime.CompilerServices;
using RawWs.Connections;

namespace RawWs.Tests.Connections;

public sealed class PendingPingsTests
{
    private readonly PendingPings _pings = new();

    [Theory]
    [InlineData("0000000000000002")]
    [InlineData("FFFFFFFFFFFFFFFE")]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("0000000000000000")]
    [InlineData("00000000000000")]
    [InlineData("")]
    public void A_pong_with_a_number_that_was_never_sent_answers_no_ping(string payload)
    {
        var waiter = new TaskCompletionSource<TimeSpan>();
        Assert.True(_pings.TryAdd(0, waiter, new byte[PendingPings.PayloadLength]));

        Assert.Null(_pings.Answer(Convert.FromHexString(payload), 0, TimeProvider.System));

        Assert.False(waiter.Task.IsCompleted);
    }

    [Fact]
    public void A_ping_that_nobody_waits_for_any_more_fails_unnoticed()
    {
        var error = new WebSocketClosedException("the end");
        var isOverlooked = false;
        void OnOverlooked(object? sender, UnobservedTaskExceptionEventArgs overlooked) => isOverlooked |= overlooked.Exception.InnerExceptions.Contains(error);
        TaskScheduler.UnobservedTaskException += OnOverlooked;

        try
        {
            FailAbandoned(error);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnOverlooked;
        }

        Assert.False(isOverlooked);
    }

    // Not inlined, so that nothing of it is alive afterwards.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FailAbandoned(WebSocketClosedException error)
    {
        _pings.TryAdd(0, new TaskCompletionSource<TimeSpan>(), new byte[PendingPings.PayloadLength]);
        _pings.Fail(error);
    }
}

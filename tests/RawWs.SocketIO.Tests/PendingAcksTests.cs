using System.Diagnostics.Metrics;

namespace RawWs.SocketIO.Tests;

public sealed class PendingAcksTests
{
    [Fact]
    public void What_is_not_waited_for_any_more_does_not_count_however_that_came()
    {
        var pending = 0L;
        var thread = 0;
        using var listener = new MeterListener
        {
            // Other servers count as well at the same time.
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "rawws.socketio.acks.pending" && Environment.CurrentManagedThreadId == Volatile.Read(ref thread))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => pending += value);
        listener.Start();
        Volatile.Write(ref thread, Environment.CurrentManagedThreadId);
        using var metrics = new SocketIOMetrics();
        Volatile.Write(ref thread, 0);
        var answers = new List<string>();
        var acks = new PendingAcks(maxCount: 4, metrics);
        for (var id = 0uL; id < 4; id++)
        {
            var name = $"{id}";
            Assert.True(acks.TryAdd(id, values => answers.Add($"{name} {(values is null ? "left" : "answered")}")));
        }

        Assert.Equal(4, pending);
        acks.Answer(0, () => []);
        acks.Answer(0, () => throw new InvalidOperationException("It is answered once."));
        acks.Forget(1);
        acks.Forget(1);
        Assert.Equal(2, pending);
        acks.Close();
        acks.Close();

        Assert.Equal((0, 0), (pending, acks.Count));
        Assert.Equal(["0 answered", "2 left", "3 left"], answers);
        Assert.False(acks.TryAdd(5, _ => { }));
        Assert.Equal(0, pending);
    }
}

using System.Text;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Protocol;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>A session by itself, whose messages are taken when the test says so.</summary>
public sealed class EngineSessionTests
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(25), PingTimeout = TimeSpan.FromSeconds(20), LastPollTimeout = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task While_a_message_is_worked_on_nobody_is_late_with_a_heartbeat(bool isLegacy, bool isBehindPing)
    {
        var talk = new Talk(isLegacy);
        var post = isBehindPing ? null : talk.PostAsync("a");
        talk.Time.Advance(PingInterval);
        post ??= talk.PostAsync("a");

        for (var count = 0; count < 3; count++)
        {
            talk.Time.Advance(PingTimeout);
            Assert.Null(talk.Ended);
        }

        talk.Release("a");
        await post;
        talk.Time.Advance(PingTimeout - TimeSpan.FromTicks(1));
        Assert.Null(talk.Ended);
        talk.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(DisconnectReason.PingTimeout, talk.Ended);
    }

    [Fact]
    public async Task Pings_of_a_session_that_was_closed_do_not_keep_it()
    {
        var talk = new Talk(isLegacy: true);
        Assert.True(talk.Session.Send(Message("last words")));
        talk.Session.Close(DisconnectReason.ForcedServerClose);

        talk.Time.Advance(LastPollTimeout - TimeSpan.FromTicks(1));
        await talk.Session.PostAsync(() => new("1:2"u8.ToArray()), isBinary: false);
        Assert.False(talk.IsGone);
        talk.Time.Advance(TimeSpan.FromTicks(1));

        Assert.True(talk.IsGone);
    }

    [Fact]
    public async Task A_session_that_is_closed_twice_says_its_last_words_all_the_same()
    {
        var talk = new Talk(isLegacy: false);
        Assert.True(talk.Session.Send(Message("last words")));

        talk.Session.Close(DisconnectReason.ForcedServerClose);
        talk.Session.Close(DisconnectReason.ForcedClose);

        Assert.Equal("4last words", Encoding.UTF8.GetString((await talk.Session.PollAsync(CancellationToken.None)).Body.Bytes.Span));
        Assert.Equal("1", Encoding.UTF8.GetString((await talk.Session.PollAsync(CancellationToken.None)).Body.Bytes.Span));
        Assert.Equal((DisconnectReason.ForcedServerClose, true), (talk.Ended, talk.IsGone));
    }

    [Fact]
    public async Task Posts_are_worked_on_one_after_the_other_also_when_the_first_of_them_is_done()
    {
        var talk = new Talk(isLegacy: false);
        var first = talk.PostAsync("a");
        var second = talk.PostAsync("b");
        talk.Release("a");
        await first;
        await Eventually.HoldsAsync(() => talk.Heard is ["a", "b"]);

        // The one behind it may be slow as well.
        var third = talk.PostAsync("c");

        Assert.Equal(["a", "b"], talk.Heard);
        talk.Release("b");
        await second;
        talk.Release("c");
        await third;
        Assert.Equal(["a", "b", "c"], talk.Heard);
    }

    private static EncodedPacket Message(string text) => new(PreparedMessage.FromText("4" + text), []);

    /// <summary>A session on polling, what it hears, and its end.</summary>
    private sealed class Talk : IEngineClient
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, TaskCompletionSource> _taking = [];
        private readonly List<string> _heard = [];

        public Talk(bool isLegacy)
        {
            var options = new EngineOptions
            {
                TimeProvider = Time,
                PingInterval = EngineSessionTests.PingInterval,
                PingTimeout = EngineSessionTests.PingTimeout,
                UpgradeTimeout = TimeSpan.FromSeconds(10),
                MaxPayload = 1_000,
                MaxQueueCount = 100,
                MaxQueueSize = 1_000,
                MayUpgrade = true,
                InitialPacket = null,
            };
            Session = new EngineSession(options, "id", new PacketFormat(isLegacy, TakesBinary: true), _ => IsGone = true);
            Session.BeginPolling(this);
        }

        public ManualTimeProvider Time { get; } = new();

        public EngineSession Session { get; }

        /// <summary>Why it has ended.</summary>
        public DisconnectReason? Ended { get; private set; }

        /// <summary>Whether nothing more is to be had from it.</summary>
        public bool IsGone { get; private set; }

        public string[] Heard
        {
            get
            {
                lock (_gate)
                    return [.. _heard];
            }
        }

        public Task<PollOutcome> PostAsync(string text)
        {
            var body = Session.IsLegacy ? $"{1 + text.Length}:4{text}" : "4" + text;
            return Session.PostAsync(() => new(Encoding.UTF8.GetBytes(body)), isBinary: false).AsTask();
        }

        /// <summary>A message has been worked on.</summary>
        public void Release(string text) => Taking(text).SetResult();

        public void Open()
        {
        }

        public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> data, bool isBinary)
        {
            var text = Encoding.UTF8.GetString(data.Span);
            lock (_gate)
                _heard.Add(text);

            await Taking(text).Task;
        }

        public void Close(DisconnectReason reason) => Ended = reason;

        private TaskCompletionSource Taking(string text)
        {
            lock (_gate)
                return _taking.TryGetValue(text, out var taking) ? taking : _taking[text] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

using System.Text.Json.Serialization;

namespace RawWs.Host;

/// <summary>What whoever watches is sent. docs/dashboard.md describes each member.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloEvent), "hello")]
[JsonDerivedType(typeof(SampleEvent), "sample")]
internal abstract record DashboardEvent;

/// <summary>The first event: what does not change, and what there was before.</summary>
/// <param name="Host">The program.</param>
/// <param name="Columns">What the numbers of each point are.</param>
/// <param name="History">Points of the last five minutes, oldest first, as far as somebody watched.</param>
internal sealed record HelloEvent(DashboardHost Host, IReadOnlyList<string> Columns, double[][] History) : DashboardEvent;

/// <summary>How the server is.</summary>
/// <param name="Point">The numbers that charts are drawn of, one for each column.</param>
/// <param name="Watching">How many watch.</param>
/// <param name="RoundTrips">Pings that were answered since the start, for each bucket of <see cref="DashboardHost.RoundTripBounds"/> and above the last.</param>
/// <param name="Dropped">Messages that were not sent, by the reason.</param>
/// <param name="Refusals">Connections that were refused, by the reason.</param>
/// <param name="Handshakes">Opening handshakes, by the status that answered them.</param>
/// <param name="TlsFailures">TLS handshakes that failed, by the reason.</param>
/// <param name="AcceptErrors">Attempts to accept a connection that failed, by the error.</param>
/// <param name="Closes">Connections that have ended, by how.</param>
/// <param name="Rooms">The largest rooms, the largest first.</param>
internal sealed record SampleEvent(
    double[] Point,
    int Watching,
    long[] RoundTrips,
    IReadOnlyDictionary<string, double> Dropped,
    IReadOnlyDictionary<string, double> Refusals,
    IReadOnlyDictionary<string, double> Handshakes,
    IReadOnlyDictionary<string, double> TlsFailures,
    IReadOnlyDictionary<string, double> AcceptErrors,
    IReadOnlyList<CloseCount> Closes,
    IReadOnlyList<RoomCount> Rooms) : DashboardEvent
{
    /// <summary>As <see cref="RoundTrips"/>, since the oldest point of the history.</summary>
    public long[] RecentRoundTrips { get; init; } = [];
}

/// <summary>The program that is watched.</summary>
/// <param name="Instance">A name of this start: totals of another one began anew.</param>
/// <param name="Version">Of rawws.</param>
/// <param name="Transport">What connections come through.</param>
/// <param name="IsSecure">Whether TLS is spoken.</param>
/// <param name="StartedAt">Milliseconds since 1970.</param>
/// <param name="Runtime">Of .NET.</param>
/// <param name="System">The operating system.</param>
/// <param name="ProcessorCount">How many processors it may use.</param>
/// <param name="RoundTripBounds">Where the buckets of round trips end, in seconds.</param>
internal sealed record DashboardHost(
    string Instance,
    string Version,
    string Transport,
    bool IsSecure,
    long StartedAt,
    string Runtime,
    string System,
    int ProcessorCount,
    IReadOnlyList<double> RoundTripBounds);

/// <summary>Connections that ended in the same way.</summary>
/// <param name="Initiator">local, remote or transport.</param>
/// <param name="Sent">The close code that the server sent.</param>
/// <param name="Received">The close code that it received.</param>
/// <param name="Count">How many.</param>
internal sealed record CloseCount(string Initiator, string Sent, string Received, double Count);

/// <summary>A room.</summary>
/// <param name="Name">Its name, which anybody may have chosen.</param>
/// <param name="Members">How many are in it.</param>
/// <param name="Messages">How many messages have been broadcast to it.</param>
internal sealed record RoomCount(string Name, int Members, long Messages);

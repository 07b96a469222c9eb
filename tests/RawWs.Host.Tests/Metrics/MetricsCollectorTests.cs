using System.Diagnostics.Metrics;
using System.Globalization;

namespace RawWs.Host.Tests;

public sealed class MetricsCollectorTests
{
    private readonly string _meterName = $"test-{Guid.NewGuid()}";

    [Fact]
    public void Each_kind_of_instrument_is_told_as_what_it_is()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        var depth = 7;
        var active = meter.CreateUpDownCounter<long>("rawws.connections.active", "{connection}", "Open ones.");
        var payload = meter.CreateCounter<long>("rawws.frame.payload", "By", "Bytes.");
        var refusals = meter.CreateCounter<int>("rawws.refusals", "{refusal}", "Refused ones.");
        meter.CreateObservableUpDownCounter("rawws.send_queue.size", () => depth, "By", "Waiting ones.");

        active.Add(3);
        active.Add(-1);
        payload.Add(100, new KeyValuePair<string, object?>("network.io.direction", "receive"));
        payload.Add(20, new KeyValuePair<string, object?>("network.io.direction", "transmit"));
        payload.Add(5, new KeyValuePair<string, object?>("network.io.direction", "receive"));
        refusals.Add(1, new("rawws.reason", "draining"), new("http.response.status_code", 503));
        metrics.Write();
        depth = 9;

        Assert.Equal(
            """
            # HELP rawws_connections_active Open ones.
            # TYPE rawws_connections_active gauge
            rawws_connections_active 2
            # HELP rawws_frame_payload_bytes_total Bytes.
            # TYPE rawws_frame_payload_bytes_total counter
            rawws_frame_payload_bytes_total{network_io_direction="receive"} 105
            rawws_frame_payload_bytes_total{network_io_direction="transmit"} 20
            # HELP rawws_refusals_total Refused ones.
            # TYPE rawws_refusals_total counter
            rawws_refusals_total{rawws_reason="draining",http_response_status_code="503"} 1
            # HELP rawws_send_queue_size_bytes Waiting ones.
            # TYPE rawws_send_queue_size_bytes gauge
            rawws_send_queue_size_bytes 9

            """.ReplaceLineEndings("\n"),
            metrics.Write());
    }

    [Fact]
    public void What_is_observed_is_told_as_it_is_and_not_added_up()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        var (received, sent) = (3L, 0L);
        meter.CreateObservableCounter("rawws.messages", Measure, "{message}", "Messages.");
        Assert.Contains("\nrawws_messages_total{network_io_direction=\"receive\"} 3\n", metrics.Write(), StringComparison.Ordinal);
        (received, sent) = (12_345_678_901, 2);

        Assert.Equal(
            """
            # HELP rawws_messages_total Messages.
            # TYPE rawws_messages_total counter
            rawws_messages_total{network_io_direction="receive"} 12345678901
            rawws_messages_total{network_io_direction="transmit"} 2

            """.ReplaceLineEndings("\n"),
            metrics.Write());

        IEnumerable<Measurement<long>> Measure()
        {
            yield return new Measurement<long>(received, new KeyValuePair<string, object?>("network.io.direction", "receive"));
            if (sent > 0)
                yield return new Measurement<long>(sent, new KeyValuePair<string, object?>("network.io.direction", "transmit"));
        }
    }

    [Fact]
    public void A_histogram_counts_what_is_at_most_each_bound()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        var recipients = meter.CreateHistogram<long>("rawws.broadcast.recipients", "{connection}", "How many.");
        foreach (var count in new[] { 0, 1, 2, 3, 100_000, 100_001 })
            recipients.Record(count, new KeyValuePair<string, object?>("a", "b"));

        var lines = metrics.Write().Split('\n');

        Assert.Equal("# TYPE rawws_broadcast_recipients histogram", lines[1]);
        Assert.Equal("rawws_broadcast_recipients_bucket{a=\"b\",le=\"1\"} 2", lines[2]);
        Assert.Equal("rawws_broadcast_recipients_bucket{a=\"b\",le=\"2\"} 3", lines[3]);
        Assert.Equal("rawws_broadcast_recipients_bucket{a=\"b\",le=\"5\"} 4", lines[4]);
        Assert.Equal(
            ["rawws_broadcast_recipients_bucket{a=\"b\",le=\"100000\"} 5", "rawws_broadcast_recipients_bucket{a=\"b\",le=\"+Inf\"} 6", "rawws_broadcast_recipients_sum{a=\"b\"} 200007",
                "rawws_broadcast_recipients_count{a=\"b\"} 6", ""],
            lines[^5..]);
    }

    [Fact]
    public void Seconds_have_bounds_of_their_own_and_their_unit_in_the_name()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        meter.CreateHistogram<double>("rawws.ping.round_trip", "s").Record(0.002);

        var text = metrics.Write();

        Assert.Contains("\nrawws_ping_round_trip_seconds_bucket{le=\"0.001\"} 0\nrawws_ping_round_trip_seconds_bucket{le=\"0.005\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nrawws_ping_round_trip_seconds_sum 0.002\nrawws_ping_round_trip_seconds_count 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_end_a_line_or_a_label_is_escaped()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        meter.CreateCounter<long>("1.a-b/c", null, "A \\ and\na line.").Add(1, new("k.1", "\"\\\n"), new("empty", null));

        Assert.Equal("# HELP _1_a_b_c_total A \\\\ and\\na line.\n# TYPE _1_a_b_c_total counter\n_1_a_b_c_total{k_1=\"\\\"\\\\\\n\",empty=\"\"} 1\n", metrics.Write());
    }

    [Fact]
    public void Other_meters_and_those_that_are_no_more_are_not_told_of()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var other = new Meter(_meterName + "-other");
        other.CreateCounter<long>("other").Add(1);
        using (var gone = new Meter(_meterName))
        {
            gone.CreateCounter<long>("gone").Add(1);
            Assert.Contains("gone_total 1", metrics.Write(), StringComparison.Ordinal);
        }

        Assert.Equal("", metrics.Write());
    }

    [Fact]
    public void Programs_read_the_same_by_the_names_of_the_instruments()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        var refusals = meter.CreateCounter<long>("rawws.refusals");
        var roundTrip = meter.CreateHistogram<double>("rawws.ping.round_trip", "s");
        var depth = 7;
        meter.CreateObservableUpDownCounter("rawws.send_queue.size", () => depth);
        refusals.Add(2, new("rawws.reason", "draining"), new("other", 1));
        refusals.Add(3, new("rawws.reason", "draining"), new("other", 2));
        refusals.Add(4, new KeyValuePair<string, object?>("rawws.reason", "server_full"));
        roundTrip.Record(0.0001, new KeyValuePair<string, object?>("a", "b"));
        roundTrip.Record(0.0002);
        roundTrip.Record(1e9);

        var readings = metrics.Read();
        depth = 9;

        Assert.Equal(9, readings.Sum("rawws.refusals"));
        Assert.Equal((5, 2), (readings.Sum("rawws.refusals", ("rawws.reason", "draining")), readings.Sum("rawws.refusals", ("rawws.reason", "draining"), ("other", "1"))));
        Assert.Equal(new Dictionary<string, double> { ["draining"] = 5, ["server_full"] = 4 }, readings.By("rawws.refusals", "rawws.reason"));
        Assert.Equal((7, 9), (readings.Sum("rawws.send_queue.size"), metrics.Read().Sum("rawws.send_queue.size")));
        var buckets = readings.Buckets("rawws.ping.round_trip");
        Assert.Equal((HistogramBounds.For("s").Length + 1, 1, 1, 1, 3), (buckets.Length, buckets[0], buckets[1], buckets[^1], buckets.Sum()));
        Assert.Equal(0, readings.Sum("rawws.none"));
        Assert.Empty(readings.Buckets("rawws.none"));
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_measure_at_once()
    {
        using var metrics = new MetricsCollector(_meterName);
        using var meter = new Meter(_meterName);
        var counter = meter.CreateCounter<long>("n");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var number = 0; number < 10_000; number++)
                counter.Add(1, new KeyValuePair<string, object?>("k", number % 10));
        })));

        var samples = metrics.Write().Split('\n').Where(line => line.StartsWith("n_total{", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, samples.Count);
        Assert.All(samples, sample => Assert.Equal(8_000, double.Parse(sample.Split(' ')[1], CultureInfo.InvariantCulture)));
    }
}

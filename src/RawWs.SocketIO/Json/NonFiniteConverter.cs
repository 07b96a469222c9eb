using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawWs.SocketIO.Json;

/// <summary>JSON has no NaN and no infinity: they are written as null, as JavaScript does, and not refused.</summary>
internal static class NonFiniteConverter
{
    /// <summary>For <see cref="double"/>.</summary>
    internal sealed class OfDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }

    /// <summary>For <see cref="float"/>.</summary>
    internal sealed class OfSingle : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
        {
            if (float.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
